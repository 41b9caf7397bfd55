import { optimizer } from "@superbatch/contracts";
import { DataError, ParameterError } from "@superbatch/training";

/** How a failed attempt is reported. */
export interface Failure {
  readonly kind: optimizer.FailureKind;
  /** Why, and what to do, in words. */
  readonly reason: string;
}

/**
 * What an error says of the trial: wrong parameters and too little memory are properties of the point (infeasible, not retried); missing data,
 * a lost sampler and defects are not (failed, retried, possibly elsewhere).
 */
export function failureOf(error: unknown): Failure {
  const { FAILED, INFEASIBLE } = optimizer.FailureKind;
  if (error instanceof ParameterError) return { kind: INFEASIBLE, reason: limited(error.message) };
  if (error instanceof DataError) return { kind: FAILED, reason: limited(error.message) };
  const message = error instanceof Error ? error.message : String(error);
  if (outOfMemory.test(message)) {
    const remedy = "Reduce batch_size, width or resolution, or use a machine with more memory";
    return { kind: INFEASIBLE, reason: limited(`out of memory: ${message}. ${remedy}`) };
  }
  return { kind: FAILED, reason: limited(message) };
}

/** As the backends and the JavaScript engine put it. */
const outOfMemory =
  /out of (\w+ )?memory|memory access out of bounds|cannot enlarge memory|allocation failed|resource exhausted: oom/i;

/** FailTrial takes at most 4,096 characters. */
function limited(reason: string): string {
  return reason.slice(0, 4096);
}
