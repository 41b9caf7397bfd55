import { type CalibrationData, drawCalibration } from "@superbatch/figures";
import { useData } from "../data.ts";
import { Figure } from "../figure.tsx";
import { Card } from "../parts.tsx";
import { go } from "../router.tsx";
import type { TabProps } from "../study-page.tsx";

interface ModelAnswer {
  readonly calibration: CalibrationData;
  readonly words: string;
  readonly findings: readonly {
    readonly severity: string;
    readonly kind: string;
    readonly finding: string;
    readonly remedy: string;
  }[];
}

export function ModelTab({ study, revision }: TabProps) {
  const { data, problem, pending } = useData<ModelAnswer>(`/api/studies/${study}/figures/model`, revision);
  return (
    <div class="grid">
      <Card
        title="How well the model predicts"
        note="Each result against what a model of all the others says of it, with 95% intervals."
      >
        {data && <p>{data.words}</p>}
        <Figure
          name="calibration"
          data={data?.calibration}
          problem={problem}
          pending={pending}
          draw={drawCalibration}
          onTrial={(number) => go(`/studies/${study}/trials/${number}`)}
          empty={data?.calibration.points.length === 0 ? "There are too few results yet." : undefined}
        />
      </Card>
      <Card title="What stands out">
        {data?.findings.length === 0 && <p>Nothing.</p>}
        <ul class="findings">
          {data?.findings.map(({ severity, kind, finding, remedy }) => (
            <li key={kind + finding}>
              <span class={`badge badge-${severity}`}>{severity}</span> {finding}
              {remedy && <p class="note">{remedy}</p>}
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}
