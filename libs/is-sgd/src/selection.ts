import type { Rng } from "@superbatch/random";
import { drawPositions } from "./draw.ts";
import { deal, reachOf } from "./membership.ts";
import { gather, type Round } from "./round.ts";
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
  const positions = round.missing === 0 ? drawn : gather(scored, drawn);
  const indices = gather(round.indices, positions);
  const train = { action: "train", round: round.number, part: 0, scores: "none" } as const;
  const present = round.members.filter(({ worker }) => !round.left.has(worker));
  if (present.length === 1 && round.parts.length === 1) {
    // One worker that scored all of it: the common case, without bookkeeping.
    const task = { ...train, indices, weights: new Float32Array(weights), positions: new Int32Array(positions) };
    return { assigned: [{ worker: present[0].worker, task }], weights, biased };
  }
  const names = present.map(({ worker }) => worker);
  const { owner, place } = placesOf(round, names);
  const preferred = new Int32Array(gather(owner, positions));
  const shares = deal(indices, names.length, reachOf(present, spec.shards), preferred);
  const assigned = shares.map((mine, i): Assigned => {
    const shareWeights = new Float32Array(mine.length);
    const sharePlaces = new Int32Array(mine.length);
    for (let j = 0; j < mine.length; j++) {
      const k = mine[j];
      shareWeights[j] = weights[k];
      sharePlaces[j] = preferred[k] === i ? place[positions[k]] : -1;
    }
    const task = { ...train, indices: gather(indices, mine), weights: shareWeights, positions: sharePlaces };
    return { worker: names[i], task };
  });
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
