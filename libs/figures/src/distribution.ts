import * as Plot from "@observablehq/plot";
import { type Drawing, type DrawOptions, draw } from "./style.ts";
import { byValue, completedRows, type StudyFacts, type TrialRow } from "./trial-row.ts";

/** Empirical distribution functions of several studies' values: the further to the good side, the better the study's trials. */
export interface DistributionData {
  readonly metric: string;
  readonly studies: readonly {
    readonly study: string;
    readonly completed: number;
    readonly points: readonly { readonly value: number; readonly share: number }[];
  }[];
}

/** @param limit - points of the curve */
export function distributionData(
  study: StudyFacts,
  rows: readonly TrialRow[],
  limit = 200,
): DistributionData["studies"][number] {
  const values = completedRows(rows)
    .map(({ value }) => value)
    .sort(byValue(study));
  const steps = Math.min(limit, values.length);
  const points = Array.from({ length: steps }, (_, k) => {
    const rank = Math.ceil(((k + 1) * values.length) / steps);
    return { value: values[rank - 1], share: rank / values.length };
  });
  return { study: study.name, completed: values.length, points };
}

export function drawDistribution(data: DistributionData, options: DrawOptions = {}): Drawing {
  const points = data.studies.flatMap(({ study, points }) => points.map((point) => ({ ...point, study })));
  return draw(
    {
      ariaLabel: `Share of trials that are at least as good as a ${data.metric}, for ${data.studies.length} studies`,
      height: options.height ?? 280,
      grid: true,
      x: { label: data.metric },
      y: { label: "share of trials at least as good (%)", percent: true, domain: [0, 100] },
      color: { legend: true, type: "categorical" },
      marks: [Plot.line(points, { x: "value", y: "share", stroke: "study", curve: "step-after", strokeWidth: 2 })],
    },
    options,
  );
}
