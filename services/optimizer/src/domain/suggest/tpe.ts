import type { Rng } from "@superbatch/random";
import { decode, encode, repair } from "@superbatch/search-space";
import type { Algorithm } from "./algorithm.ts";
import type { TpeSpec } from "./algorithm-spec.ts";
import { createSobolSearch, takenPoints } from "./drawn.ts";
import { heldFidelities } from "./fidelities.ts";
import { violations } from "./outcomes.ts";
import { type ColumnDensity, createColumnDensity } from "./parzen.ts";
import type { StudyData } from "./study-data.ts";

/** Draws from the density of good points, of which the best ratio is taken. */
const draws = 24;

/**
 * Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kégl 2011): the point where the density of good observations, the best
 * tenth (at most 25), exceeds that of the others most. Columns are independent; a column with a condition is estimated from the
 * observations in which it is active. Pending and infeasible points count among the others; what misses an outcome constraint is
 * worse than what keeps all. A point that is known is not suggested again; if all draws are, the
 * Sobol sequence goes on.
 */
export function createTpe({ fidelities, initialPoints }: TpeSpec): Algorithm {
  const initial = createSobolSearch(fidelities);
  return {
    async next(state) {
      const { data, sequence, pending, infeasible } = state;
      if (sequence < (initialPoints || 10) || data.x.length < 2) {
        const drawn = await initial.next(state);
        return drawn && { ...drawn, origin: "initial-design" };
      }
      const missed = violations(data);
      const order = [...data.y.keys()].sort((a, b) => missed[a]! - missed[b]! || data.y[a]! - data.y[b]!);
      const count = Math.min(Math.ceil(data.x.length / 10), 25);
      const good = densities(
        data,
        order.slice(0, count).map((i) => data.x[i]!),
      );
      const others = densities(data, [...order.slice(count).map((i) => data.x[i]!), ...pending, ...infeasible]);

      const rng = data.rng.fork("tpe").fork(sequence);
      const held = heldFidelities(data.space, fidelities);
      const taken = takenPoints(state);
      let best: { row: Float64Array; logRatio: number } | undefined;
      for (let i = 0; i < draws; i++) {
        const drawn = decode(data.space, repair(data.space, draw(good, rng)));
        const row = encode(data.space, { ...drawn, ...held });
        if (taken.has(row)) continue;
        const logRatio = sumOf(good, row) - sumOf(others, row);
        if (!best || logRatio > best.logRatio) best = { row, logRatio };
      }
      // All that it favors is known: what else there may be.
      if (!best) return initial.next(state);
      return {
        point: decode(data.space, best.row),
        origin: "model",
        explanation: {
          acquisition: "tree-structured-parzen-log-ratio",
          acquisitionValue: best.logRatio,
          alternatives: [],
        },
        replicate: false,
      };
    },
  };
}

/** One density for each column that is not a fidelity. */
function densities({ candidates }: StudyData, rows: readonly Float64Array[]): (ColumnDensity | undefined)[] {
  return candidates.dimensions.map((dimension, column) => {
    if (dimension.kind === "fidelity") return undefined;
    const active = rows.flatMap((row) => (Number.isNaN(row[column]!) ? [] : [row[column]!]));
    return createColumnDensity(dimension, active, 1);
  });
}

/** Fidelities are at their minimum here: the caller holds them elsewhere. */
function draw(columns: readonly (ColumnDensity | undefined)[], rng: Rng): Float64Array {
  return Float64Array.from(columns, (density) => density?.sample(rng) ?? 0);
}

function sumOf(columns: readonly (ColumnDensity | undefined)[], row: Float64Array): number {
  return columns.reduce(
    (sum, density, i) => (Number.isNaN(row[i]!) ? sum : sum + (density?.logDensity(row[i]!) ?? 0)),
    0,
  );
}
