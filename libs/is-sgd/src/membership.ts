import type { Rng } from "@superbatch/random";
import { FieldError } from "./field-error.ts";
import type { Shard } from "./spec.ts";

/** A worker of a session. */
export interface Member {
  /** Unique in the session. */
  readonly worker: string;
  /** Positions in the spec's shards of those that it holds, ascending; empty: all. */
  readonly shards: readonly number[];
}

/** The data within reach of some members, and who may work on which of it. */
export interface Reach {
  /** Number of examples within reach. */
  readonly size: number;
  /** Reachable parts, ascending and disjoint. */
  readonly ranges: readonly Shard[];
  /** Members (positions in the list) that hold an index within reach. */
  holders(index: number): readonly number[];
  /** `count` indices, uniform with replacement over what is within reach. */
  draw(count: number, rng: Rng): Uint32Array;
}

/** @throws {FieldError} naming `shards[i]` if the member claims a shard that does not exist. */
export function checkMember(member: Member, shards: readonly Shard[]): void {
  for (const [i, shard] of member.shards.entries())
    if (!(Number.isInteger(shard) && shard >= 0 && shard < shards.length))
      throw new FieldError(`shards[${i}]`, `must be an integer in [0, ${shards.length}), not ${shard}`);
}

/** What `members` reach together. Same members, same order: same draws. */
export function reachOf(members: readonly Member[], shards: readonly Shard[]): Reach {
  const everyone = members.map((_, i) => i);
  const holders = shards.map((_, shard) =>
    everyone.filter((i) => members[i].shards.length === 0 || members[i].shards.includes(shard)),
  );
  const reachable = shards.filter((_, shard) => holders[shard].length > 0);
  const size = reachable.reduce((sum, { start, end }) => sum + end - start, 0);
  const complete = reachable.length === shards.length;
  return {
    size,
    ranges: reachable,
    holders: (index) => holders[shards.length === 1 ? 0 : shardAt(shards, index)],
    draw(count, rng) {
      const indices = new Uint32Array(count);
      for (let k = 0; k < count; k++) {
        // With 53 random bits, examples differ in probability by less than size / 2^53; a division for each draw is saved.
        const position = Math.floor(rng.uniform() * size);
        indices[k] = complete ? position : indexAt(reachable, position);
      }
      return indices;
    },
  };
}

/** The position-th index of the ranges taken one behind the other. */
export function indexAt(ranges: readonly Shard[], position: number): number {
  let rest = position;
  for (const { start, end } of ranges) {
    if (rest < end - start) return start + rest;
    rest -= end - start;
  }
  throw new RangeError(`position ${position} is outside the ranges`);
}

function shardAt(shards: readonly Shard[], index: number): number {
  let low = 0;
  let high = shards.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shards[middle].end > index) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Deals drawn examples to members as evenly as the shards allow: each goes to its preferred member while that one is below an equal share,
 * else to the least loaded holder (the first among equals).
 *
 * @param indices - n examples
 * @param members - number of members
 * @param preferred - for each example a member that has it at hand, or −1; absent: slices of equal length where all hold everything
 * @returns for each member the positions in `indices` that it got, ascending; positions that nobody holds are in none
 */
export function deal(
  indices: Uint32Array,
  members: number,
  reach: Pick<Reach, "holders">,
  preferred?: Int32Array,
): Uint32Array[] {
  const n = indices.length;
  const quota = Math.ceil(n / members);
  const load = new Uint32Array(members);
  const owner = new Int32Array(n).fill(-1);
  for (let k = 0; k < n; k++) {
    const wanted = preferred ? preferred[k] : Math.floor((k * members) / n);
    if (wanted < 0 || load[wanted] >= quota || !reach.holders(indices[k]).includes(wanted)) continue;
    owner[k] = wanted;
    load[wanted]++;
  }
  for (let k = 0; k < n; k++) {
    if (owner[k] >= 0) continue;
    let best = -1;
    for (const holder of reach.holders(indices[k])) if (best < 0 || load[holder] < load[best]) best = holder;
    owner[k] = best;
    if (best >= 0) load[best]++;
  }
  const dealt = Array.from(load, (count) => new Uint32Array(count));
  load.fill(0);
  for (let k = 0; k < n; k++) if (owner[k] >= 0) dealt[owner[k]][load[owner[k]]++] = k;
  return dealt;
}
