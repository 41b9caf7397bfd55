import type { StudyFacts } from "@superbatch/figures";
import { post, rpc } from "./api.ts";
import { useData, useRevision } from "./data.ts";
import { EnqueueForm } from "./enqueue-form.tsx";
import { ActionButton, numberText, ProblemBox, StateBadge } from "./parts.tsx";
import { Link, path, query } from "./router.tsx";
import { FleetTab } from "./tabs/fleet-tab.tsx";
import { LearningTab } from "./tabs/learning-tab.tsx";
import { ModelTab } from "./tabs/model-tab.tsx";
import { OverviewTab } from "./tabs/overview-tab.tsx";
import { ParametersTab } from "./tabs/parameters-tab.tsx";
import { TrialsTab } from "./tabs/trials-tab.tsx";

/** A study as the server's protobuf JSON has it; zero and empty fields may be missing. */
export interface StudyJson {
  readonly name: string;
  readonly state: string;
  readonly stateReason?: string;
  readonly spec?: {
    readonly budget?: { readonly maxTrials?: number; readonly maxCost?: number; readonly maxSeconds?: number };
    readonly seed?: number;
    readonly algorithm?: Readonly<Record<string, unknown>>;
  };
  readonly progress?: {
    readonly suggested?: number;
    readonly running?: number;
    readonly completed?: number;
    readonly failed?: number;
    readonly infeasible?: number;
    readonly abandoned?: number;
    readonly cost?: { readonly total?: number };
    readonly bestTrial?: string;
  };
}

export interface StudyAnswer {
  readonly study: StudyJson;
  readonly facts: StudyFacts;
}

interface RecommendationAnswer {
  readonly recommendation: {
    readonly parameters?: Readonly<Record<string, ValueJson>>;
    readonly mean?: number;
    readonly sd?: number;
    readonly trial?: string;
    readonly feasibility?: number;
    readonly constraintsUnmet?: boolean;
  } | null;
}

export type ValueJson = { readonly number?: number; readonly text?: string; readonly flag?: boolean };

export function valueText({ number, text, flag }: ValueJson): string {
  return number !== undefined ? numberText(number) : (text ?? String(flag ?? false));
}

/** What every tab gets. */
export interface TabProps {
  /** `project/study`. */
  readonly study: string;
  readonly facts: StudyFacts;
  readonly revision: number;
}

const tabs = [
  ["overview", "Overview", OverviewTab],
  ["parameters", "Parameters", ParametersTab],
  ["learning", "Learning curves", LearningTab],
  ["fleet", "Trainers and cost", FleetTab],
  ["model", "Model", ModelTab],
  ["trials", "Trials", TrialsTab],
] as const;

export function StudyPage({ study }: { study: string }) {
  const { revision, connected } = useRevision(study);
  const { data, problem } = useData<StudyAnswer>(`/api/studies/${study}`, revision);
  // After the tab's own questions, which would otherwise wait behind it: with many trials it keeps the optimizer busy.
  const recommended = useData<RecommendationAnswer>(data && `/api/studies/${study}/recommendation`, revision);
  const chosen = query.value.get("tab") ?? "overview";
  const [, , Tab] = tabs.find(([id]) => id === chosen) ?? tabs[0];
  if (!data) return problem ? <ProblemBox problem={problem} /> : <p aria-live="polite">Loading …</p>;
  const update = (change: object) => async () => {
    await rpc("UpdateStudy", { name: data.study.name, ...change });
  };
  const { state, stateReason, progress, spec } = data.study;
  const recommendation = recommended.data?.recommendation;
  return (
    <>
      <div class="row">
        <h1>{study}</h1>
        <StateBadge state={state} />
        {stateReason && <span class="note">{stateReason}</span>}
        {!connected && <span class="badge badge-paused">not connected</span>}
      </div>
      {problem && <ProblemBox problem={problem} />}
      <div class="row actions">
        {state === "STUDY_STATE_ACTIVE" && (
          <ActionButton label="Pause" action={update({ state: "STUDY_STATE_PAUSED" })} />
        )}
        {state === "STUDY_STATE_PAUSED" && (
          <ActionButton label="Resume" action={update({ state: "STUDY_STATE_ACTIVE" })} />
        )}
        {state !== "STUDY_STATE_COMPLETED" && (
          <ActionButton
            label="Stop"
            confirm="Stop this study? Running trials may finish; adding budget makes it go on."
            action={async () => void (await post(`/api/studies/${study}/stop`, {}))}
          />
        )}
        <EnqueueForm study={data.study.name} facts={data.facts} />
        <a class="button quiet" href={`/api/studies/${study}/export?format=csv`} download>
          Export CSV
        </a>
        <a class="button quiet" href={`/api/studies/${study}/export?format=json`} download>
          Export JSON
        </a>
      </div>
      <dl class="facts">
        <Fact name="Completed">
          {progress?.completed ?? 0}
          {spec?.budget?.maxTrials ? ` of ${spec.budget.maxTrials}` : ""}
        </Fact>
        <Fact name="Running">{progress?.running ?? 0}</Fact>
        <Fact name="Waiting">{progress?.suggested ?? 0}</Fact>
        <Fact name="Failed">{progress?.failed ?? 0}</Fact>
        {(progress?.infeasible ?? 0) > 0 && <Fact name="Infeasible">{progress!.infeasible}</Fact>}
        {(progress?.abandoned ?? 0) > 0 && <Fact name="Abandoned">{progress!.abandoned}</Fact>}
        <Fact name="Cost">
          {numberText(progress?.cost?.total ?? 0)} {data.facts.costUnit}
          {spec?.budget?.maxCost ? ` of ${numberText(spec.budget.maxCost)}` : ""}
        </Fact>
        {recommendation && (
          <Fact name={`Recommended ${data.facts.metric}`}>
            {numberText(recommendation.mean ?? 0)}
            {recommendation.sd === undefined ? "" : ` ± ${numberText(1.96 * recommendation.sd)}`}
          </Fact>
        )}
        {recommendation?.feasibility !== undefined && (
          <Fact name="Constraints hold">
            with probability {numberText(recommendation.feasibility)}
            {recommendation.constraintsUnmet ? ": no point is likely to keep them" : ""}
          </Fact>
        )}
      </dl>
      {recommendation?.parameters && (
        <p class="recommendation">
          <span class="note">Recommended</span>
          {Object.entries(recommendation.parameters).map(([name, value]) => (
            <span key={name} class="chip">
              {name} <strong>{valueText(value)}</strong>
            </span>
          ))}
          {recommendation.trial && (
            <Link to={`/studies/${study}/trials/${recommendation.trial.split("/").at(-1)}`}>
              trial {recommendation.trial.split("/").at(-1)}
            </Link>
          )}
        </p>
      )}
      <nav class="tabs" aria-label="Views of the study">
        {tabs.map(([id, text]) => (
          <Link key={id} to={`${path.value}?tab=${id}`} current={id === chosen}>
            {text}
          </Link>
        ))}
      </nav>
      <Tab study={study} facts={data.facts} revision={revision} />
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
