import { deal, type Member, type Reach } from "./membership.ts";
import type { Report, Task } from "./task.ts";

/** How a round's mini-batch comes about: drawn uniformly, from a scored super-batch, or from recorded losses. */
export type RoundKind = "uniform" | "importance" | "history";

/** Examples of a round that one worker has to report on: positions in the round's draw. */
export interface Part {
  readonly worker: string;
  readonly part: number;
  readonly positions: Uint32Array;
  reported: boolean;
  /** Place in the order in which the session handed out its parts. */
  order: number;
}

/** A gradient step that has been handed out and is not complete. */
export interface Round {
  readonly number: number;
  readonly kind: RoundKind;
  /** Who took part when it was handed out. Those that leave stay listed. */
  readonly members: readonly Member[];
  readonly left: Set<string>;
  /** The draw: mini-batch (uniform, history) or super-batch (importance). */
  readonly indices: Uint32Array;
  /** Weight of each drawn example where the draw itself was by importance. */
  readonly weights?: Float64Array;
  /** μ of the loss history when this was drawn. */
  readonly historyMean: number;
  readonly parts: Part[];
  /** One per draw, filled as reports come in; NaN where none will come. */
  readonly scores: Float32Array;
  /** Draws without a score. */
  missing: number;
}

/** Hands the draw out to the members, in equal shares as far as the shards allow. */
export function handOut(round: Omit<Round, "parts" | "scores" | "missing" | "left">, reach: Reach): Round {
  const whole = round.members.length === 1;
  const dealt = whole ? [identity(round.indices.length)] : deal(round.indices, round.members.length, reach);
  const parts = round.members.map(({ worker }, i) => ({
    worker,
    part: 0,
    positions: dealt[i],
    reported: false,
    order: 0,
  }));
  const scores = new Float32Array(round.indices.length).fill(Number.NaN);
  return { ...round, left: new Set(), parts, scores, missing: scores.length };
}

/** The task of one part, as its worker sees it. */
export function taskOf(round: Round, part: Part, scores: "required" | "optional"): Task {
  const { positions } = part;
  const whole = positions.length === round.indices.length;
  const indices = whole ? round.indices.slice() : gather(round.indices, positions);
  const common = { round: round.number, part: part.part, indices };
  if (round.kind === "importance") return { ...common, action: "score", scores: "required" };
  const weights = new Float32Array(positions.length).fill(1);
  if (round.weights) for (let k = 0; k < positions.length; k++) weights[k] = round.weights[positions[k]];
  return { ...common, action: "train", weights, scores };
}

export function isComplete(round: Round): boolean {
  return round.parts.every((part) => part.reported);
}

/** Takes a part's scores, rounded to float32 as they would be on the wire, so that a session in process draws as a remote one does. */
export function accept(round: Round, part: Part, report: Report): void {
  const { scores } = report;
  if (scores.length === round.scores.length) round.scores.set(scores);
  else for (let k = 0; k < scores.length; k++) round.scores[part.positions[k]] = scores[k];
  round.missing -= scores.length;
  part.reported = true;
}

/**
 * Takes a worker out. What it had left to score of a super-batch goes to the remaining holders as further parts, so that the draw stays what
 * it was; what nobody else holds, and a share of a mini-batch that it was to train on, is given up.
 *
 * @param reach - of the round's members, in their order
 * @returns the further parts
 */
export function takeOut(round: Round, worker: string, reach: Reach): Part[] {
  round.left.add(worker);
  const added: Part[] = [];
  const stays = (member: number) => !round.left.has(round.members[member].worker);
  for (const part of round.parts.filter((part) => part.worker === worker && !part.reported)) {
    part.reported = true;
    if (round.kind !== "importance") continue;
    const indices = gather(round.indices, part.positions);
    const holders = { holders: (index: number) => reach.holders(index).filter(stays) };
    const none = new Int32Array(indices.length).fill(-1);
    for (const [i, dealt] of deal(indices, round.members.length, holders, none).entries()) {
      if (dealt.length === 0) continue;
      const name = round.members[i].worker;
      const number = round.parts.filter((other) => other.worker === name).length;
      const positions = gather(part.positions, dealt);
      added.push({ worker: name, part: number, positions, reported: false, order: 0 });
    }
  }
  round.parts.push(...added);
  return added;
}

/** The draws that were scored: their positions (all, unless a worker left) and scores, in order. */
export function scoredDraws(round: Round): { positions: Uint32Array; scores: Float32Array } {
  const { scores } = round;
  if (round.missing === 0) return { positions: identity(scores.length), scores };
  const positions = identity(scores.length).filter((position) => !Number.isNaN(scores[position]));
  return { positions, scores: scores.filter((score) => !Number.isNaN(score)) };
}

/** source[positions[k]] for each k. */
export function gather(source: Uint32Array | Int32Array, positions: Uint32Array): Uint32Array {
  const gathered = new Uint32Array(positions.length);
  for (let k = 0; k < positions.length; k++) gathered[k] = source[positions[k]];
  return gathered;
}

let counting = new Uint32Array(0);

/** 0 … n − 1. Shared: not to be written to. */
export function identity(n: number): Uint32Array {
  if (counting.length < n) {
    counting = new Uint32Array(Math.max(1024, 2 * n));
    for (let k = 0; k < counting.length; k++) counting[k] = k;
  }
  return counting.subarray(0, n);
}
