import { type Point, type SearchSpace, samplePoint } from "@superbatch/search-space";
import type { Algorithm, SuggestState } from "./algorithm.ts";
import type { SuccessiveHalvingSpec } from "./algorithm-spec.ts";
import { firstUnknown } from "./drawn.ts";
import type { Suggestion } from "./engine.ts";
import { fidelitiesOf, heldFidelities } from "./fidelities.ts";
import { violations } from "./outcomes.ts";

/** Rungs where the fidelity's domain does not limit them, as when it starts at 0. */
const mostRungs = 5;

/**
 * Asynchronous successive halving (Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar 2020, algorithm 2), with
 * no minimum early-stopping rate: if among the trials completed at a rung one of the best 1/η has not been raised yet, it is
 * evaluated at the next rung, looking at high rungs first; else a random configuration starts at the lowest.
 *
 * A finite space may have no configuration left to start: then the best that was not raised moves up, whatever its share.
 *
 * Rungs are at max, max/η, max/η², … down to the fidelity's minimum. A trial at a higher rung starts anew; what trainers resume is their affair.
 * In a space without fidelities it is random search. What misses an outcome constraint at its rung is raised after what keeps all.
 */
export function createSuccessiveHalving({ fidelity, reductionFactor }: SuccessiveHalvingSpec): Algorithm {
  const factor = reductionFactor || 3;
  return {
    async next(state) {
      const { data, sequence } = state;
      const held = heldFidelities(data.space);
      const name = fidelitiesOf(data.space).some((each) => each.name === fidelity)
        ? fidelity
        : fidelitiesOf(data.space)[0]?.name;
      const rungs = name === undefined ? [] : rungsOf(data.space, name, factor);
      const promote = (oneIn: number): Suggestion | undefined => {
        const promoted = name === undefined ? undefined : findPromotion(state, name, rungs, oneIn);
        return promoted && { point: promoted, origin: "promotion", replicate: false };
      };
      const promoted = promote(factor);
      if (promoted) return promoted;
      if (name !== undefined) held[name] = rungs[0]!;
      const rng = data.rng.fork("asha").fork(sequence);
      // What is left of a finite space, when nothing new can start.
      return firstUnknown(state, () => ({ ...samplePoint(data.space, rng), ...held }), held) ?? promote(1);
    },
  };
}

/** Values of the fidelity, ascending. */
export function rungsOf(space: SearchSpace, name: string, factor: number): number[] {
  const { axis } = fidelitiesOf(space).find((fidelity) => fidelity.name === name)!;
  const rungs = [axis.max];
  for (let value = axis.max / factor; value >= axis.min && value > 0; value /= factor) {
    const snapped = axis.decode(axis.encode(value));
    if (snapped < rungs[0]!) rungs.unshift(snapped);
    if (axis.min <= 0 && rungs.length === mostRungs) break;
  }
  return rungs;
}

function findPromotion(
  { data, pending, infeasible }: SuggestState,
  name: string,
  rungs: readonly number[],
  factor: number,
): Point | undefined {
  const column = data.candidates.dimensions.findIndex((dimension) => dimension.name === name);
  const { axis } = fidelitiesOf(data.space).find((fidelity) => fidelity.name === name)!;
  const without = (row: Float64Array) => row.with(column, 0).join();
  const missed = violations(data);
  const isAt = (row: Float64Array, rung: number) => axis.decode(row[column]!) === rung;
  for (let k = rungs.length - 2; k >= 0; k--) {
    const taken = new Set(
      [...data.x, ...pending, ...infeasible].filter((row) => isAt(row, rungs[k + 1]!)).map(without),
    );
    const completed = [...data.x.keys()].filter((i) => isAt(data.x[i]!, rungs[k]!));
    completed.sort((a, b) => missed[a]! - missed[b]! || data.y[a]! - data.y[b]!);
    const best = completed.slice(0, Math.floor(completed.length / factor)).find((i) => !taken.has(without(data.x[i]!)));
    if (best !== undefined) return { ...data.observations[best]!.point, [name]: rungs[k + 1]! };
  }
  return undefined;
}
