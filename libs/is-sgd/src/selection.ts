import type { Rng } from "@superbatch/random";
import { drawPositions } from "./draw.ts";
import { deal, reachOf } from "./membership.ts";
import { gather, identity, type Round } from "./round.ts";
import type { ResolvedSpec } from "./spec.ts";
import type { Task } from "./task.ts";
import { boundWeights, importanceWeights } from "./weights.ts";

/** A task and the worker that is to do it. */
export interface Assigned {
  readonly worker: string;
  readonly task: Task;
}

/**
 * Draws a round's mini-batch from its scored super-batch and deals it out to the workers that are present, preferably to those that scored it.
 *
 * @param scored - the draws that were scored: positions in the round's draw
 * @param g - their probabilities
 * @returns the shares, the weights of the whole mini-batch (b), and whether one of them was cut at `maxWeight`
 */
export function selectMiniBatch(
  spec: ResolvedSpec,
  round: Round,
  scored: Uint32Array,
  g: Float64Array,
  rng: Rng,
): { assigned: Assigned[]; weights: Float64Array; biased: boolean } {
  const drawn = drawPositions(g, spec.batchSize, rng);
  const weights = importanceWeights(g, drawn);
  const biased = spec.maxWeight !== undefined && boundWeights(weights, spec.maxWeight);
  const positions = gather(scored, drawn);
  const indices = gather(round.indices, positions);
  const present = round.members.filter(({ worker }) => !round.left.has(worker));
  const { owner, place } = placesOf(
    round,
    present.map(({ worker }) => worker),
  );
  const preferred = Int32Array.from(positions, (position) => owner[position]);
  const shares =
    present.length === 1
      ? [identity(spec.batchSize)]
      : deal(indices, present.length, reachOf(present, spec.shards), preferred);
  const assigned = shares.map((mine, i) => ({
    worker: present[i].worker,
    task: {
      action: "train",
      round: round.number,
      part: 0,
      indices: gather(indices, mine),
      weights: Float32Array.from(mine, (k) => weights[k]),
      positions: Int32Array.from(mine, (k) => (preferred[k] === i ? place[positions[k]] : -1)),
      scores: "none",
    } satisfies Task,
  }));
  return { assigned, weights, biased };
}

/** For each draw of a round: which present worker has it in its first part, and where there; −1 if none. */
function placesOf(round: Round, present: readonly string[]): { owner: Int32Array; place: Int32Array } {
  const owner = new Int32Array(round.indices.length).fill(-1);
  const place = new Int32Array(round.indices.length).fill(-1);
  for (const { worker, part, positions } of round.parts) {
    const member = present.indexOf(worker);
    if (member < 0 || part !== 0) continue;
    for (let k = 0; k < positions.length; k++) {
      owner[positions[k]] = member;
      place[positions[k]] = k;
    }
  }
  return { owner, place };
}
