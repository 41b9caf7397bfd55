import { type Point, samplePoint } from "@superbatch/search-space";
import type { Algorithm, SuggestState } from "./algorithm.ts";
import type { SuccessiveHalvingSpec } from "./algorithm-spec.ts";
import { type Brackets, createBrackets } from "./brackets.ts";
import { firstUnknown } from "./drawn.ts";
import type { Suggestion } from "./engine.ts";
import { heldFidelities } from "./fidelities.ts";
import { violations } from "./outcomes.ts";
import { createRungs, defaultReductionFactor, type Rungs, rungFidelity } from "./rungs.ts";

/**
 * Asynchronous successive halving (Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar 2020, algorithm 2): if among the trials of a bracket
 * that completed at a rung one of the best 1/η has not been raised yet, it is evaluated at the next rung, looking at high rungs first, and at one rung at low
 * brackets first; else a random configuration starts at its bracket's first rung. With one bracket that is the lowest: no minimum early-stopping rate.
 *
 * A finite space may have no configuration left to start: then the best that was not raised moves up, whatever its share.
 *
 * Rungs are at max, max/η, max/η², … down to the fidelity's minimum. A trial at a higher rung starts anew; what trainers resume is their affair.
 * In a space without fidelities it is random search. What misses an outcome constraint at its rung is raised after what keeps all.
 */
export function createSuccessiveHalving(spec: SuccessiveHalvingSpec): Algorithm {
  const factor = spec.reductionFactor || defaultReductionFactor;
  return {
    async next(state) {
      const { data, sequence } = state;
      const held = heldFidelities(data.space);
      const rng = data.rng.fork("asha").fork(sequence);
      const draw = () => ({ ...samplePoint(data.space, rng), ...held });
      const fidelity = rungFidelity(data.space, spec.fidelity);
      if (!fidelity) return firstUnknown(state, draw, held);
      const rungs = createRungs(data, fidelity, factor);
      const brackets = createBrackets(state, rungs, factor, Math.min(spec.brackets || 1, rungs.values.length));
      const promote = (oneIn: number): Suggestion | undefined => {
        const promoted = findPromotion(state, rungs, brackets, oneIn);
        return promoted && { point: promoted, origin: "promotion", replicate: false };
      };
      const promoted = promote(factor);
      if (promoted) return promoted;
      const start = brackets.next();
      held[rungs.name] = rungs.values[start]!;
      const seen = brackets.count === 1 ? state : withConfigurationsAt(start, state, rungs);
      // What is left of a finite space, when nothing new can start.
      return firstUnknown(seen, draw, held) ?? promote(1);
    },
  };
}

/** As if all configurations had been evaluated at that rung: one that has a bracket cannot start in another. */
function withConfigurationsAt(rung: number, state: SuggestState, rungs: Rungs): SuggestState {
  const move = (rows: readonly Float64Array[]) =>
    rows.map((row) => (rungs.of(row) === -1 ? row : rungs.move(row, rung)));
  return {
    ...state,
    known: move(state.known),
    pending: move(state.pending),
    infeasible: move(state.infeasible),
  };
}

function findPromotion(
  { data, pending, infeasible }: SuggestState,
  rungs: Rungs,
  brackets: Brackets,
  oneIn: number,
): Point | undefined {
  const missed = violations(data);
  for (let k = rungs.values.length - 2; k >= 0; k--) {
    const raised = [...data.x, ...pending, ...infeasible].filter((row) => rungs.of(row) === k + 1);
    const taken = new Set(raised.map(rungs.configuration));
    const completed = [...data.x.keys()].filter((i) => rungs.of(data.x[i]!) === k);
    completed.sort((a, b) => missed[a]! - missed[b]! || data.y[a]! - data.y[b]!);
    const byBracket = Map.groupBy(completed, (i) => brackets.of(data.x[i]!));
    for (let bracket = 0; bracket < brackets.count; bracket++) {
      const own = byBracket.get(bracket) ?? [];
      const best = own
        .slice(0, Math.floor(own.length / oneIn))
        .find((i) => !taken.has(rungs.configuration(data.x[i]!)));
      if (best !== undefined) return { ...data.observations[best]!.point, [rungs.name]: rungs.values[k + 1]! };
    }
  }
  return undefined;
}
