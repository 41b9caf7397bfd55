import type { Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";

/** How a column is split: numbers by a threshold, categories by a subset. */
export type ForestColumn = { readonly kind: "number" } | { readonly kind: "category"; readonly categories: number };

/** Where a node's observations part. */
export interface Split {
  readonly column: number;
  /** Of numbers: what is below goes left. */
  readonly threshold?: number;
  /** Of categories: whether each goes left. */
  readonly subset?: readonly boolean[];
  /** Whether inactive columns (NaN) go left. */
  readonly inactiveLeft: boolean;
}

export function goesLeft({ threshold, subset, inactiveLeft }: Split, value: number): boolean {
  if (Number.isNaN(value)) return inactiveLeft;
  return subset ? subset[value]! : value < threshold!;
}

/** A run of observations with the same value of a column, ordered for splitting. */
interface Group {
  readonly value: number;
  count: number;
  sum: number;
}

interface Cut {
  readonly gain: number;
  readonly split: Split;
}

/**
 * The split with the largest reduction of squared error among the best ones of some random columns; undefined if no column parts the observations or
 * all values are equal. A numeric threshold is drawn uniformly between the two values that it separates (Hutter et al. 2014, "Algorithm runtime
 * prediction", section 4.3.2: uncertainty then grows between observations).
 */
export function bestSplit(
  columns: readonly ForestColumn[],
  x: Matrix,
  y: Float64Array,
  members: Int32Array,
  tried: number,
  rng: Rng,
): Split | undefined {
  const first = y[members[0]!]!;
  if (members.every((i) => y[i] === first)) return undefined;
  const order = shuffled(columns.length, rng);
  let best: Cut | undefined;
  let looked = 0;
  // Columns that are constant here do not count as tried.
  for (const column of order) {
    if (looked >= tried) break;
    const cut = bestCut(columns[column]!, column, x, y, members, rng);
    if (!cut) continue;
    looked++;
    if (!best || cut.gain > best.gain) best = cut;
  }
  return best?.split;
}

function shuffled(count: number, rng: Rng): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function bestCut(
  kind: ForestColumn,
  column: number,
  x: Matrix,
  y: Float64Array,
  members: Int32Array,
  rng: Rng,
): Cut | undefined {
  const groups = grouped(x, y, column, members);
  const inactive = groups.find(({ value }) => Number.isNaN(value));
  const active = groups.filter((group) => group !== inactive);
  // By value; categories by their mean, which makes the best of all subsets a prefix (Breiman et al. 1984, theorem 4.5).
  if (kind.kind === "number") active.sort((a, b) => a.value - b.value);
  else active.sort((a, b) => a.sum / a.count - b.sum / b.count || a.value - b.value);
  const inactiveLeft = rng.uniform() < 0.5;
  const ordered = !inactive ? active : inactiveLeft ? [inactive, ...active] : [...active, inactive];
  if (ordered.length < 2) return undefined;
  const total = ordered.reduce((sum, group) => sum + group.sum, 0);
  let [count, sum, gain, at] = [0, 0, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i + 1 < ordered.length; i++) {
    count += ordered[i]!.count;
    sum += ordered[i]!.sum;
    const rest = total - sum;
    const here = sum ** 2 / count + rest ** 2 / (members.length - count);
    if (here > gain) [gain, at] = [here, i];
  }
  const split =
    kind.kind === "number"
      ? { column, threshold: thresholdBetween(ordered[at]!.value, ordered[at + 1]!.value, rng), inactiveLeft }
      : { column, subset: subsetOf(kind.categories, ordered, at, rng), inactiveLeft };
  return { gain, split };
}

function grouped(x: Matrix, y: Float64Array, column: number, members: Int32Array): Group[] {
  const groups = new Map<number, Group>();
  for (const i of members) {
    const value = x.data[i * x.columns + column]!;
    const group = groups.get(value);
    if (group) {
      group.count++;
      group.sum += y[i]!;
    } else groups.set(value, { value, count: 1, sum: y[i]! });
  }
  return [...groups.values()];
}

/** A threshold t with low < t ≤ high: what is below t goes left. Where one side is inactive, all that is active is on the other. */
function thresholdBetween(low: number, high: number, rng: Rng): number {
  if (Number.isNaN(low)) return Number.NEGATIVE_INFINITY;
  if (Number.isNaN(high)) return Number.POSITIVE_INFINITY;
  const threshold = low + (high - low) * rng.uniform();
  return threshold > low ? threshold : high;
}

/** Categories that were not seen here go either way. */
function subsetOf(categories: number, ordered: readonly Group[], at: number, rng: Rng): boolean[] {
  const subset = Array.from({ length: categories }, () => rng.uniform() < 0.5);
  ordered.forEach(({ value }, i) => {
    if (!Number.isNaN(value)) subset[value] = i <= at;
  });
  return subset;
}
