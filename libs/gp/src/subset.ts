import type { Inputs } from "./inputs.ts";

/**
 * Which `size` of n observations to keep where an exact model would be too large: a quarter are those of the lowest y (none for log cost), each
 * counted at the fidelities it was observed at; the others are chosen one by one as the point farthest from all chosen ones, so that
 * the space stays covered (Gonzalez 1985). Deterministic; ascending indices.
 *
 * @param best - whether a low y is worth keeping
 * @param checkpoint - called before each choice, O(n · columns); may throw to end the work.
 */
export function chooseSubset(
  x: Inputs,
  y: Float64Array,
  size: number,
  best: boolean,
  checkpoint: () => void = () => {},
): number[] {
  const n = x.count;
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => y[i]! - y[j]! || i - j);
  const chosen = best ? order.slice(0, Math.floor(size / 4)) : order.slice(0, 1);
  const distance = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  for (const index of chosen) {
    checkpoint();
    shrinkDistances(distance, x, index);
  }
  while (chosen.length < size) {
    checkpoint();
    let farthest = -1;
    for (let i = 0; i < n; i++) {
      if (distance[i]! >= 0 && (farthest < 0 || distance[i]! > distance[farthest]!)) farthest = i;
    }
    chosen.push(farthest);
    shrinkDistances(distance, x, farthest);
  }
  return chosen.sort((i, j) => i - j);
}

/** Lowers each point's distance to the chosen set by the new member, and marks the member itself with −1. */
function shrinkDistances(distance: Float64Array, x: Inputs, member: number): void {
  const n = x.count;
  const squared = new Float64Array(n);
  for (const values of [x.columns, x.fidelities]) {
    for (let start = 0; start < values.length; start += n) {
      const own = values[start + member]!;
      for (let i = 0; i < n; i++) squared[i]! += (values[start + i]! - own) ** 2;
    }
  }
  for (let i = 0; i < n; i++) distance[i] = Math.min(distance[i]!, squared[i]!);
  distance[member] = -1;
}
