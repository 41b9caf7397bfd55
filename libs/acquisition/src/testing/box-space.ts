import type { Dimension } from "@superbatch/search-space";
import type { CandidateSpace } from "../candidate-space.ts";

/** A space of independent columns without conditions, for tests; `accepts` stands for a constraint. */
export function boxSpace(
  dimensions: readonly Dimension[],
  accepts: (point: Float64Array) => boolean = () => true,
): CandidateSpace {
  const fidelityColumns = dimensions.flatMap((dimension, d) => (dimension.kind === "fidelity" ? [d] : []));
  const snap = (value: number, d: number) => {
    const dimension = dimensions[d];
    if (dimension.kind === "categorical") return Math.min(dimension.categories - 1, Math.max(0, Math.round(value)));
    const clamped = Math.min(1, Math.max(0, value));
    if (dimension.levels === undefined) return clamped;
    return Math.round(clamped * (dimension.levels - 1)) / (dimension.levels - 1);
  };
  const check = (point: Float64Array) => (accepts(point) ? point : undefined);
  return {
    dimensions,
    fidelityColumns,
    sample: (u) =>
      check(
        u.map((value, d) => {
          const dimension = dimensions[d];
          return dimension.kind === "categorical" ? Math.floor(value * dimension.categories) : snap(value, d);
        }),
      ),
    repair: (point) => check(point.map(snap)),
    target: (point) => point.map((value, d) => (dimensions[d].kind === "fidelity" ? 1 : value)),
  };
}

/** `count` numeric columns x0, x1, …, and a fidelity s in the last column if asked for. */
export function numericSpace(count: number, fidelity = false): CandidateSpace {
  const dimensions: Dimension[] = Array.from({ length: count }, (_, d) => ({
    name: `x${d}`,
    kind: "numeric" as const,
  }));
  if (fidelity) dimensions.push({ name: "s", kind: "fidelity", basis: "fabolas" });
  return boxSpace(dimensions);
}
