import type { CandidateSpace } from "@superbatch/acquisition";

type Dimension = CandidateSpace["dimensions"][number];

/** A synthetic multi-fidelity problem: minimize `value` at s = 1, where the encoded point's last column is the fidelity s in [0, 1]. */
export interface Problem {
  readonly name: string;
  readonly space: CandidateSpace;
  /** Noise-free objective at an encoded point, at any fidelity. */
  value(point: Float64Array): number;
  /** Smallest value at s = 1. */
  readonly minimum: number;
}

/** Cost of a trial, in full evaluations: a tenth of it does not depend on the fidelity. */
export function trialCost(point: Float64Array): number {
  return 0.1 + 0.9 * point[point.length - 1]!;
}

/** The unit cube of these hyperparameters, and a fidelity. */
export function problemSpace(hyperparameters: readonly Dimension[]): CandidateSpace {
  const dimensions: Dimension[] = [...hyperparameters, { name: "s", kind: "fidelity", basis: "fabolas" }];
  const fidelity = hyperparameters.length;
  const snap = (value: number, d: number) => {
    const dimension = dimensions[d]!;
    if (dimension.kind === "categorical") return Math.min(dimension.categories - 1, Math.max(0, Math.round(value)));
    const clamped = Math.min(1, Math.max(0, value));
    return dimension.levels === undefined
      ? clamped
      : Math.round(clamped * (dimension.levels - 1)) / (dimension.levels - 1);
  };
  return {
    dimensions,
    fidelityColumns: [fidelity],
    sample: (u) =>
      u.map((value, d) => {
        const dimension = dimensions[d]!;
        return dimension.kind === "categorical" ? Math.floor(value * dimension.categories) : snap(value, d);
      }),
    repair: (point) => point.map(snap),
    target: (point) => point.map((value, d) => (d === fidelity ? 1 : value)),
  };
}

/** `count` continuous hyperparameters x0, x1, … */
export function continuous(count: number): Dimension[] {
  return Array.from({ length: count }, (_, d) => ({ name: `x${d}`, kind: "numeric" as const }));
}
