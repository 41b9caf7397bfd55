import type { CandidateSpace } from "./candidate-space.ts";
import { distinctPoints } from "./points.ts";

/** Evaluated points that count, at most: as many as there are representers, so that no acquisition costs more than another. */
const mostEvaluated = 50;

/**
 * The points on whose values a trial has to improve: the evaluated x, of more than 50 those with the lowest posterior means at the target, and the x of
 * pending trials. Representers are not among them: they are likely minimizers that nobody has evaluated, and a candidate that is
 * one of them could not improve on itself.
 *
 * A trial is judged by its own value, so all are moved to the fidelities that a trial can have at most: those at which a space holds them
 * (`withFixedFidelities`), otherwise the target, or what the space allows below it. An x that was evaluated at another
 * fidelity counts by what the model expects of it there, as it can be recommended, too.
 *
 * @param evaluated - distinct, by rising posterior mean at the target.
 * @param pending - those that are not expected to miss an outcome constraint: on what cannot be recommended nothing has to improve.
 * @returns distinct points.
 * @throws {RangeError} if nothing was evaluated nor is pending.
 */
export function incumbentPoints(
  space: CandidateSpace,
  evaluated: readonly Float64Array[],
  pending: readonly Float64Array[],
): Float64Array[] {
  const points = [...evaluated.slice(0, mostEvaluated), ...pending].map((point) => atHighest(space, point));
  if (points.length === 0) throw new RangeError("there is no evaluated or pending point on which to improve");
  return distinctPoints(points);
}

/** The fidelities only: an x that lies outside of the space, as another study's may, stays where it was evaluated. */
function atHighest(space: CandidateSpace, point: Float64Array): Float64Array {
  const moved = space.target(point);
  const valid = space.repair(moved);
  if (valid) for (const column of space.fidelityColumns) moved[column] = valid[column];
  return moved;
}
