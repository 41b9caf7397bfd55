import type { Rng } from "@superbatch/random";
import { decode, encode, repair } from "@superbatch/search-space";
import type { Algorithm } from "./algorithm.ts";
import type { TpeSpec } from "./algorithm-spec.ts";
import { createSobolSearch } from "./drawn.ts";
import { heldFidelities } from "./fidelities.ts";
import { violations } from "./outcomes.ts";
import { type ColumnDensity, createColumnDensity } from "./parzen.ts";
import type { StudyData } from "./study-data.ts";

/** Draws from the density of good points, of which the best ratio is taken. */
const draws = 24;

/**
 * Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kégl 2011): the point where the density of good observations, the best
 * tenth (at most 25), exceeds that of the others most. Columns are independent; a column with a condition is estimated from the
 * observations in which it is active. Pending and infeasible points count among the others; what misses an outcome constraint is worse than what keeps all.
 */
export function createTpe({ fidelities, initialPoints }: TpeSpec): Algorithm {
  const initial = createSobolSearch(fidelities);
  return {
    async next(state) {
      const { data, sequence, pending, infeasible } = state;
      if (sequence < (initialPoints || 10) || data.x.length < 2)
        return { ...(await initial.next(state)), origin: "initial-design" };
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
      const known = new Set([...data.x, ...pending].map((row) => row.join()));
      let best: { row: Float64Array; logRatio: number; repeated: boolean } | undefined;
      for (let i = 0; i < draws; i++) {
        const drawn = decode(data.space, repair(data.space, draw(good, rng)));
        const row = encode(data.space, { ...drawn, ...held });
        const logRatio = sumOf(good, row) - sumOf(others, row);
        const repeated = known.has(row.join());
        // Whatever is new comes before repetitions.
        if (!best || (best.repeated && !repeated) || (best.repeated === repeated && logRatio > best.logRatio))
          best = { row, logRatio, repeated };
      }
      const { row, logRatio, repeated } = best!;
      return {
        point: decode(data.space, row),
        origin: "model",
        explanation: {
          acquisition: "tree-structured-parzen-log-ratio",
          acquisitionValue: logRatio,
          feasibility: 1,
          alternatives: [],
        },
        replicate: repeated,
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
