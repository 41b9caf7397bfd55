/** Times of one contender over interleaved rounds. */
export interface Timing {
  /** The fastest round, ms: what the code needs when nothing else runs. */
  readonly best: number;
  readonly median: number;
}

/** Runs `action` once and answers how long it took, ms. */
export function elapsed(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

/**
 * Runs all contenders in turn, round after round, so that a machine's ups and downs meet all of them alike.
 *
 * @param contenders - each runs once and answers its own time, ms
 */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, () => number | Promise<number>>>,
  rounds: number,
): Promise<Record<Name, Timing>> {
  const names = Object.keys(contenders) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (const name of names) await contenders[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times.get(name)!.push(await contenders[name]());
  }
  return Object.fromEntries(
    names.map((name) => {
      const sorted = times.get(name)!.sort((a, b) => a - b);
      return [name, { best: sorted[0]!, median: sorted[sorted.length >> 1]! }];
    }),
  ) as Record<Name, Timing>;
}

/** The middle value, or the mean of the two in the middle. @param values - at least one, in any order. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
