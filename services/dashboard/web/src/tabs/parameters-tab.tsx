import {
  type ContourData,
  drawContour,
  drawImportance,
  drawParallel,
  drawSlice,
  type ImportanceData,
  type ParallelData,
  type SliceData,
} from "@superbatch/figures";
import { useData } from "../data.ts";
import { Figure } from "../figure.tsx";
import { Card, Choice } from "../parts.tsx";
import { go, query, setQuery } from "../router.tsx";
import type { TabProps } from "../study-page.tsx";

export function ParametersTab({ study, facts, revision }: TabProps) {
  const base = `/api/studies/${study}/figures`;
  const importance = useData<ImportanceData>(`${base}/importance`, revision);
  const parallel = useData<ParallelData>(`${base}/parallel`, revision);
  const slices = useData<SliceData[]>(`${base}/slices`, revision);
  const numeric = facts.parameters
    .filter(({ kind, target }) => kind === "number" && target === undefined)
    .map(({ name }) => name);
  const x = query.value.get("x") ?? numeric[0] ?? "";
  const y = query.value.get("y") ?? numeric.find((name) => name !== x) ?? "";
  const shown = query.value.get("shown") === "sd" ? "sd" : "mean";
  const contour = useData<ContourData>(
    numeric.length >= 2 && x !== y
      ? `${base}/contour?x=${encodeURIComponent(x)}&y=${encodeURIComponent(y)}`
      : undefined,
    revision,
  );
  const onTrial = (number: number) => go(`/studies/${study}/trials/${number}`);
  const options = numeric.map((name) => [name, name] as const);
  return (
    <div class="grid">
      <Card
        title="Importance"
        note="How much of the variation over the space each parameter accounts for (Sobol indices of the model's mean at the target fidelity)."
      >
        <Figure
          name="importance"
          data={importance.data}
          problem={importance.problem}
          pending={importance.pending}
          draw={drawImportance}
          empty={importance.data?.parameters.length === 0 ? "It takes four completed trials." : undefined}
        />
      </Card>
      {numeric.length >= 2 && (
        <Card title="Model over two parameters">
          <div class="row">
            <Choice label="Across" value={x} options={options} onChange={(value) => setQuery({ x: value })} />
            <Choice label="Up" value={y} options={options} onChange={(value) => setQuery({ y: value })} />
            <Choice
              label="Show"
              value={shown}
              options={[
                ["mean", "expected value"],
                ["sd", "uncertainty"],
              ]}
              onChange={(value) => setQuery({ shown: value })}
            />
          </div>
          <Figure
            name={`contour-${x}-${y}-${shown}`}
            data={contour.data}
            problem={contour.problem}
            pending={contour.pending}
            depends={[shown]}
            onTrial={onTrial}
            draw={(data, given) => drawContour(data, { ...given, shown })}
            empty={x === y ? "Choose two different parameters." : undefined}
          />
        </Card>
      )}
      <Card title="Parallel coordinates" wide note="The best trials and a sample of the others, one line each.">
        <Figure
          name="parallel-coordinates"
          data={parallel.data}
          problem={parallel.problem}
          draw={drawParallel}
          empty={parallel.data?.lines.length === 0 ? "No trial has completed yet." : undefined}
        />
      </Card>
      {!slices.data && (
        <Card title="Slices">
          <Figure name="slices" data={undefined} problem={slices.problem} pending={slices.pending} draw={drawSlice} />
        </Card>
      )}
      {slices.data?.map((slice) => (
        <Card
          key={slice.parameter.name}
          title={slice.parameter.name}
          note="Trials, and the model along this parameter with the others as recommended."
        >
          <Figure name={`slice-${slice.parameter.name}`} data={slice} draw={drawSlice} onTrial={onTrial} />
        </Card>
      ))}
    </div>
  );
}
