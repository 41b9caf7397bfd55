import {
  type AlternativesData,
  drawAlternatives,
  drawLearningCurves,
  type LearningCurveData,
  type TrialRow,
} from "@superbatch/figures";
import { useEffect, useState } from "preact/hooks";
import { rpc } from "./api.ts";
import { useData, useRevision } from "./data.ts";
import { Figure } from "./figure.tsx";
import { ActionButton, Card, numberText, ProblemBox, timeText } from "./parts.tsx";
import { Link } from "./router.tsx";
import { type StudyAnswer, type ValueJson, valueText } from "./study-page.tsx";

/** A trial as the server's protobuf JSON has it; zero and empty fields may be missing. */
interface TrialJson {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, ValueJson>>;
  readonly measurement?: { readonly value?: number; readonly metrics?: Readonly<Record<string, number>> };
  readonly reason?: string;
  readonly traceparent?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly createTime?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly explanation?: {
    readonly origin?: string;
    readonly entropyReduction?: number;
    readonly expectedCost?: number;
    readonly acquisition?: number;
    readonly alternatives?: readonly {
      readonly fidelities?: Readonly<Record<string, ValueJson>>;
      readonly entropyReduction?: number;
      readonly expectedCost?: number;
      readonly acquisition?: number;
    }[];
    readonly replicate?: boolean;
    readonly note?: string;
  };
  readonly attemptHistory?: readonly {
    readonly number?: number;
    readonly worker?: string;
    readonly outcome?: string;
    readonly reason?: string;
    readonly cost?: { readonly total?: number };
    readonly late?: boolean;
    readonly startTime?: string;
    readonly endTime?: string;
  }[];
}

const origins: Readonly<Record<string, string>> = {
  ORIGIN_USER: "A user asked for this point.",
  ORIGIN_INITIAL_DESIGN: "It is part of the initial design, which spreads the first trials over the space.",
  ORIGIN_DRAWN: "It was drawn without a model.",
  ORIGIN_FALLBACK: "It was drawn without the model, since the surrogate failed.",
};

/** What was maximized, by the acquisition's name. */
const promises = [
  ["entropy-search", "reduction of entropy about the best configuration"],
  ["max-value-entropy", "information about the best value"],
  ["knowledge-gradient", "improvement of the recommendation"],
  ["expected-improvement", "improvement"],
] as const;

/** Why a point was chosen, in words. */
function whyChosen(explanation: TrialJson["explanation"]): string {
  const { origin = "", note = "" } = explanation ?? {};
  if (origin !== "ORIGIN_MODEL") return origins[origin] ?? "Nothing is recorded.";
  if (note.startsWith("verification"))
    return "The model would recommend it now: it was evaluated at the highest fidelity to find out whether the model is right.";
  const perCost = note.includes("per-cost") ? " per unit of expected cost" : "";
  const [, promise] = promises.find(([acquisition]) => note.startsWith(acquisition)) ?? [];
  if (!promise) return "The model chose it: its acquisition was the largest there.";
  return `The model chose it: it promised the largest ${promise}${perCost}.`;
}

export function TrialPage({ study, number }: { study: string; number: number }) {
  const { revision } = useRevision(study);
  const { data, problem } = useData<{ trial: TrialJson; row: TrialRow }>(
    `/api/studies/${study}/trials/${number}`,
    revision,
  );
  const about = useData<StudyAnswer>(`/api/studies/${study}`);
  const curves = useData<LearningCurveData>(`/api/studies/${study}/figures/curves?trials=${number}`, revision);
  const settings = useData<{ traceUrl: string | null; logUrl: string | null }>("/api/settings");
  if (!data || !about.data) return problem ? <ProblemBox problem={problem} /> : <p aria-live="polite">Loading …</p>;
  const { trial, row } = data;
  const { facts } = about.data;
  const { explanation } = trial;
  const traceId = trial.traceparent?.split("-")[1];
  const ended = row.endTime !== undefined;
  const logs = (trial.attemptHistory ?? []).filter(({ reason }) => reason);
  const alternatives = explanation ? alternativesOf(explanation, trial, facts) : undefined;
  return (
    <>
      <p>
        <Link to={`/studies/${study}`}>{study}</Link>
      </p>
      <div class="row">
        <h1>Trial {number}</h1>
        <span class="badge">{row.stoppedEarly ? `${row.state}, stopped early` : row.state}</span>
        {number > 1 && <Link to={`/studies/${study}/trials/${number - 1}`}>Previous</Link>}
        <Link to={`/studies/${study}/trials/${number + 1}`}>Next</Link>
      </div>
      {problem && <ProblemBox problem={problem} />}
      {trial.reason && <p class="reason">{trial.reason.split("\n")[0]}</p>}
      <div class="row actions">
        {!ended && (
          <ActionButton
            label="Abandon"
            confirm="Take this trial back? Its trainer is told to stop, and the search forgets it."
            action={async () =>
              void (await rpc("FailTrial", {
                trial: trial.name,
                kind: "FAILURE_KIND_ABANDONED",
                reason: "abandoned in the dashboard",
                requestId: crypto.randomUUID(),
              }))
            }
          />
        )}
      </div>
      <div class="grid">
        <Card title="Why this point">
          <p>{whyChosen(explanation)}</p>
          {explanation?.replicate && (
            <p>It repeats an earlier point: the noise makes that worth it, or nothing new was left.</p>
          )}
          {explanation?.note && <p>{explanation.note}</p>}
          {explanation?.entropyReduction !== undefined && (
            <dl class="facts">
              <Fact name="Entropy reduction">{numberText(explanation.entropyReduction)} nats</Fact>
              {explanation.expectedCost !== undefined && (
                <Fact name="Expected cost">
                  {numberText(explanation.expectedCost)} {facts.costUnit}
                </Fact>
              )}
              <Fact name="Real cost">
                {numberText(row.cost.total)} {facts.costUnit}
              </Fact>
            </dl>
          )}
          {alternatives && (
            <>
              <Figure name={`trial-${number}-alternatives`} data={alternatives} draw={drawAlternatives} />
              <Figure
                name={`trial-${number}-alternatives-entropy`}
                data={alternatives}
                draw={(one, options) => drawAlternatives(one, { ...options, shown: "entropyReduction" })}
              />
            </>
          )}
        </Card>
        <Card title="Parameters and result">
          <table>
            <tbody>
              {Object.entries(trial.parameters ?? {}).map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="number">{valueText(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {trial.measurement && (
            <table>
              <tbody>
                <tr>
                  <th scope="row">{facts.metric}</th>
                  <td class="number">
                    <strong>{numberText(trial.measurement.value ?? 0)}</strong>
                  </td>
                </tr>
                {Object.entries(trial.measurement.metrics ?? {})
                  .filter(([name]) => name !== facts.metric)
                  .map(([name, value]) => (
                    <tr key={name}>
                      <th scope="row">{name}</th>
                      <td class="number">{numberText(value)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          )}
        </Card>
        <Card title="Learning curve" wide>
          <Figure
            name={`trial-${number}-curve`}
            data={curves.data}
            problem={curves.problem}
            draw={drawLearningCurves}
            empty={
              curves.data?.curves.every(({ points }) => points.length === 0)
                ? "No learning curve has been reported."
                : undefined
            }
          />
          {curves.data?.curves.some(({ points }) => points.some(({ tau }) => tau !== undefined)) && (
            <Figure
              name={`trial-${number}-tau`}
              data={curves.data}
              draw={(one, options) => drawLearningCurves(one, { ...options, shown: "tau", height: 180 })}
            />
          )}
        </Card>
        <Card title="Attempts" wide>
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th>Attempt</th>
                  <th>Trainer</th>
                  <th>Outcome</th>
                  <th class="number">Cost</th>
                  <th>From</th>
                  <th>To</th>
                  <th>Reason</th>
                </tr>
              </thead>
              <tbody>
                {(trial.attemptHistory ?? []).map((attempt) => (
                  <tr key={attempt.number}>
                    <td>{attempt.number}</td>
                    <td>{attempt.worker}</td>
                    <td>
                      {(attempt.outcome ?? "").replace("ATTEMPT_OUTCOME_", "").toLowerCase()}
                      {attempt.late ? ", late" : ""}
                    </td>
                    <td class="number">{numberText(attempt.cost?.total ?? 0)}</td>
                    <td>{timeText(attempt.startTime)}</td>
                    <td>{timeText(attempt.endTime)}</td>
                    <td>{attempt.reason?.split("\n")[0]}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
        <Card title="Logs" wide note="The last lines that came with each failed attempt.">
          {logs.length === 0 && <p class="note">No attempt has failed.</p>}
          {logs.map(({ number: attempt, reason }) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: long logs scroll, by the keyboard too
            <section key={attempt} class="log" tabIndex={0} aria-label={`Log of attempt ${attempt}`}>
              {reason}
            </section>
          ))}
          {settings.data?.logUrl && (
            <p>
              <a href={logAddress(settings.data.logUrl, trial.name, row.worker, traceId ?? "")}>All of its logs</a>
            </p>
          )}
        </Card>
        <Card title="Cost and trace">
          <dl class="facts">
            {Object.entries(row.cost).map(([phase, cost]) => (
              <Fact key={phase} name={phase}>
                {numberText(cost)} {facts.costUnit}
              </Fact>
            ))}
          </dl>
          {traceId && (
            <p>
              Trace:{" "}
              {settings.data?.traceUrl ? (
                <a href={settings.data.traceUrl.replace("{trace_id}", traceId)}>{traceId}</a>
              ) : (
                <code>{traceId}</code>
              )}
            </p>
          )}
        </Card>
        <Card title="Labels" note="Marks for people; the search does not look at them.">
          <Labels trial={trial} />
        </Card>
      </div>
    </>
  );
}

function logAddress(template: string, trial: string, worker: string, traceId: string): string {
  return template
    .replaceAll("{trace_id}", encodeURIComponent(traceId))
    .replaceAll("{trial}", encodeURIComponent(trial))
    .replaceAll("{worker}", encodeURIComponent(worker));
}

function Labels({ trial }: { trial: TrialJson }) {
  const [labels, setLabels] = useState(trial.labels ?? {});
  const [name, setName] = useState("mark");
  const [value, setValue] = useState("");
  useEffect(() => setLabels(trial.labels ?? {}), [trial]);
  const set = (key: string, text: string) => async () => {
    const { trial: changed } = await rpc<{ trial: TrialJson }>("UpdateTrial", {
      name: trial.name,
      labels: { [key]: text },
      requestId: crypto.randomUUID(),
    });
    setLabels(changed.labels ?? {});
    setValue("");
  };
  return (
    <>
      <ul>
        {Object.entries(labels).map(([key, text]) => (
          <li key={key}>
            {key}: {text} <ActionButton label="Remove" class="quiet" action={set(key, "")} />
          </li>
        ))}
      </ul>
      <div class="row">
        <label>
          Name
          <input value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          Value
          <input value={value} onInput={(event) => setValue(event.currentTarget.value)} />
        </label>
        <ActionButton label="Set" disabled={name === "" || value === ""} action={set(name, value)} />
      </div>
    </>
  );
}

function Fact(props: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** The chosen fidelity among those that it was compared with; of several fidelities the first. */
function alternativesOf(
  explanation: NonNullable<TrialJson["explanation"]>,
  trial: TrialJson,
  facts: StudyAnswer["facts"],
): AlternativesData | undefined {
  const fidelity = facts.parameters.find(({ target }) => target !== undefined);
  const chosen = fidelity && trial.parameters?.[fidelity.name]?.number;
  if (!fidelity || chosen === undefined || !explanation.alternatives?.length) return undefined;
  const others = explanation.alternatives.map(
    ({ fidelities, entropyReduction = 0, expectedCost, acquisition = 0 }) => ({
      fidelity: fidelities?.[fidelity.name]?.number ?? 0,
      entropyReduction,
      expectedCost,
      acquisition,
      chosen: false,
    }),
  );
  const { entropyReduction = 0, expectedCost, acquisition = 0 } = explanation;
  const points = [
    ...others.filter((other) => other.fidelity !== chosen),
    { fidelity: chosen, entropyReduction, expectedCost, acquisition, chosen: true },
  ];
  return { fidelity: fidelity.name, log: fidelity.log, costUnit: facts.costUnit, points };
}
