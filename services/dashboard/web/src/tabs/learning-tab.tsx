import { drawLearningCurves, type LearningCurveData, switchPoints } from "@superbatch/figures";
import { useData } from "../data.ts";
import { Figure } from "../figure.tsx";
import { Card, Choice } from "../parts.tsx";
import { Link, query, setQuery } from "../router.tsx";
import type { TabProps } from "../study-page.tsx";

export function LearningTab({ study, revision }: TabProps) {
  const asked = query.value.get("trials") ?? "";
  const axis = query.value.get("against") === "cost" ? "cost" : "step";
  const { data, problem } = useData<LearningCurveData>(
    `/api/studies/${study}/figures/curves?trials=${encodeURIComponent(asked)}`,
    revision,
  );
  const empty = data?.curves.every(({ points }) => points.length === 0)
    ? "No learning curve has been reported."
    : undefined;
  const tau = data?.curves.some(({ points }) => points.some((point) => point.tau !== undefined));
  const switched = data ? switchPoints(data) : [];
  return (
    <div class="grid">
      <Card
        title="Learning curves"
        wide
        note="The best and the latest trials, or those that you name. Diamonds mark where importance sampling came on."
      >
        <div class="row">
          <label class="choice">
            <span>Trials</span>
            <input
              value={asked}
              placeholder="such as 3,7,12"
              onChange={(event) => setQuery({ trials: event.currentTarget.value })}
            />
          </label>
          <Choice
            label="Against"
            value={axis}
            options={[
              ["step", "gradient steps"],
              ["cost", "cost"],
            ]}
            onChange={(value) => setQuery({ against: value })}
          />
        </div>
        <Figure
          name="learning-curves"
          data={data}
          problem={problem}
          depends={[axis]}
          empty={empty}
          draw={(curves, options) => drawLearningCurves(curves, { ...options, axis })}
        />
      </Card>
      {tau && (
        <Card
          title="Variance reduction τ"
          wide
          note="How many times larger a uniform mini-batch would have to be. Importance sampling comes on where τ exceeds its threshold."
        >
          <Figure
            name="tau"
            data={data}
            depends={[axis]}
            draw={(curves, options) => drawLearningCurves(curves, { ...options, axis, shown: "tau" })}
          />
        </Card>
      )}
      {switched.length > 0 && (
        <Card title="Where importance sampling came on" wide>
          <ul>
            {switched.map(({ number, step, tau: at }) => (
              <li key={number}>
                <Link to={`/studies/${study}/trials/${number}`}>Trial {number}</Link>: by step {step}
                {at === undefined ? "" : `, τ ${at.toFixed(2)}`}
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}
