import type { SuggestState } from "./algorithm.ts";
import type { Rungs } from "./rungs.ts";

/** Brackets of successive halving, from 0: bracket s starts its configurations at rung s and raises the best of its own. */
export interface Brackets {
  readonly count: number;
  /** The bracket of an encoded point that has been evaluated, or is under way, at a rung. */
  of(row: Float64Array): number;
  /** That of the next configuration to start. */
  next(): number;
}

/**
 * Asynchronous Hyperband: brackets of asynchronous successive halving side by side (Li et al. 2020), each with the same budget, as in Hyperband (Li et al.
 * 2018, algorithm 1). There a trial costs in proportion to its fidelity, so that a bracket with h rungs above its first gets η^h / (h + 1) parts of the
 * configurations. Where Hyperband runs one bracket after the other, the next configuration here starts in the bracket that will have spent least with it, the
 * lower of two alike: at no time is one ahead of another by more than a configuration.
 *
 * Configurations are what is shared out, and not measured cost, which is not known of trials under way: whoever works faster changes no bracket's share.
 *
 * Nothing is remembered: a configuration's bracket is the lowest rung at which it was evaluated, is under way or was infeasible. Known results that were
 * added at a rung at which no bracket starts compete in the last one, but are none of its starts.
 */
export function createBrackets(
  { data, pending, infeasible }: SuggestState,
  rungs: Rungs,
  factor: number,
  count: number,
): Brackets {
  // Successive halving alone keeps no table of its configurations, of which there may be ten thousands.
  if (count === 1) return { count, of: () => 0, next: () => 0 };
  const lowest = new Map<string, number>();
  for (const row of [...data.x, ...pending, ...infeasible]) {
    const rung = rungs.of(row);
    if (rung === -1) continue;
    const configuration = rungs.configuration(row);
    lowest.set(configuration, Math.min(rung, lowest.get(configuration) ?? rung));
  }
  return {
    count,
    of: (row) => Math.min(lowest.get(rungs.configuration(row))!, count - 1),
    next() {
      const started = new Array<number>(count).fill(0);
      for (const rung of lowest.values()) if (rung < count) started[rung]!++;
      const spent = started.map((number, s) => (number + 1) * fidelityOfOne(rungs, factor, s));
      return spent.indexOf(Math.min(...spent));
    },
  };
}

/** What one configuration of a bracket comes to, its share of promotions included, in units of the fidelity. */
function fidelityOfOne({ values }: Rungs, factor: number, bracket: number): number {
  return values.slice(bracket).reduce((sum, value, promotions) => sum + value / factor ** promotions, 0);
}
