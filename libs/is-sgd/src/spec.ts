import { FieldError } from "./field-error.ts";
import { defaultCostRatio } from "./switch.ts";
import { defaultSmoothing } from "./tau.ts";

/**
 * How examples are chosen. The worker computes the scores; the scheme says what they mean and over what they are sampled:
 * - `uniform`: every mini-batch is uniform; scores are optional and only tracked.
 * - `upper-bound`: scores bound the gradient norm; mini-batches are drawn from scored super-batches while τ pays.
 * - `loss`: the same with losses as scores.
 * - `loss-history`: mini-batches are drawn from the last known, ageing losses of the whole data set; nothing is scored in addition.
 */
export type Scheme = "uniform" | "upper-bound" | "loss" | "loss-history";

/** A contiguous part of the data: indices start … end − 1. */
export interface Shard {
  readonly start: number;
  readonly end: number;
}

/** What a session samples from, and how. Fixed for the session's life. */
export interface SessionSpec {
  /** N, number of examples, in [1, 2³² − 1]. Indices are 0 … N − 1. */
  readonly examples: number;
  /** b, examples per gradient step over all workers, in [1, B]. */
  readonly batchSize: number;
  /** B, examples scored per importance-sampled step over all workers, in [b, N]. B = b is uniform SGD. Not used by `loss-history`. @default batchSize */
  readonly superBatchSize?: number;
  /** @default "upper-bound" */
  readonly scheme?: Scheme;
  /** Seed of all draws, an integer in [0, 2⁵³). Equal specs, memberships and scores give equal sequences. @default 0 */
  readonly seed?: number;
  /** τ above which importance sampling is on, at least 0. @default (B + r b) / (r b) with r = costRatio */
  readonly threshold?: number;
  /** Cost r of a gradient step's example over that of scoring it, greater than 0. Excluded by `threshold`. @default 3 */
  readonly costRatio?: number;
  /** Weight a of the past in the tracked τ, in [0, 1). @default 0.9 */
  readonly smoothing?: number;
  /** Tasks handed out ahead, 0 or 1. With 1 a worker scores the next super-batch while an answer is on its way, with weights one step older. @default 0 */
  readonly prefetch?: number;
  /** Workers that must have joined before the first step, at least 1. Later ones join between steps. @default 1 */
  readonly workers?: number;
  /** Parts of the data, in order, that together are all of it. A worker gets only indices of the shards that it holds. @default one shard, held by all */
  readonly shards?: readonly Shard[];
  /** **Biased**: weights above it are cut to it, greater than 0. @default no bound: unbiased */
  readonly maxWeight?: number;
  /** Lets B grow while τ pays. @default B is fixed */
  readonly adaptive?: {
    /** Largest B, in [superBatchSize, N]. */
    readonly max: number;
    /** Factor of each change, greater than 1. @default 2 */
    readonly growth?: number;
  };
  /** Options of `loss-history`. */
  readonly history?: {
    /** Share λ of uniform draws, in (0, 1]: bounds weights by 1/λ. @default 0.1 */
    readonly uniformShare?: number;
    /** Steps after which a recorded loss has faded to 1/e of its distance from the mean, greater than 0. @default 2 N / b: two passes */
    readonly fadingSteps?: number;
  };
}

/** A spec with all defaults filled in. */
export interface ResolvedSpec {
  readonly examples: number;
  readonly batchSize: number;
  readonly superBatchSize: number;
  readonly scheme: Scheme;
  readonly seed: number;
  readonly threshold?: number;
  readonly costRatio: number;
  readonly smoothing: number;
  readonly prefetch: number;
  readonly workers: number;
  readonly shards: readonly Shard[];
  readonly maxWeight?: number;
  readonly adaptive?: { readonly max: number; readonly growth: number };
  readonly history: { readonly uniformShare: number; readonly fadingSteps: number };
}

/** Fills in defaults. @throws {FieldError} naming the first wrong field; {@link specProblems} tells all. */
export function resolveSpec(spec: SessionSpec): ResolvedSpec {
  const [problem] = specProblems(spec);
  if (problem) throw problem;
  const { examples, batchSize, threshold, maxWeight, adaptive } = spec;
  return {
    examples,
    batchSize,
    superBatchSize: spec.superBatchSize ?? batchSize,
    scheme: spec.scheme ?? "upper-bound",
    seed: spec.seed ?? 0,
    ...(threshold === undefined ? {} : { threshold }),
    costRatio: spec.costRatio ?? defaultCostRatio,
    smoothing: spec.smoothing ?? defaultSmoothing,
    prefetch: spec.prefetch ?? 0,
    workers: spec.workers ?? 1,
    shards: spec.shards?.length ? spec.shards : [{ start: 0, end: examples }],
    ...(maxWeight === undefined ? {} : { maxWeight }),
    ...(adaptive ? { adaptive: { max: adaptive.max, growth: adaptive.growth ?? 2 } } : {}),
    history: {
      uniformShare: spec.history?.uniformShare ?? 0.1,
      fadingSteps: spec.history?.fadingSteps ?? Math.max(1, (2 * examples) / batchSize),
    },
  };
}

/** Everything that is wrong with a spec, each with its field; empty if it is valid. */
export function specProblems(spec: SessionSpec): FieldError[] {
  const problems: FieldError[] = [];
  const check = (holds: boolean, field: string, message: string) => {
    if (!holds) problems.push(new FieldError(field, message));
  };
  const between = (value: number | undefined, min: number, max: number) =>
    value === undefined || (Number.isInteger(value) && value >= min && value <= max);
  const { examples: n, batchSize: b, adaptive, history } = spec;
  const superBatchSize = spec.superBatchSize ?? b;
  check(Number.isInteger(n) && n >= 1 && n < 2 ** 32, "examples", `must be an integer in [1, 2^32), not ${n}`);
  check(Number.isInteger(b) && b >= 1, "batchSize", `must be an integer of at least 1, not ${b}`);
  check(
    Number.isInteger(superBatchSize) && superBatchSize >= b,
    "superBatchSize",
    `must be an integer of at least the mini-batch size ${b}, not ${superBatchSize}`,
  );
  check(superBatchSize <= n, "superBatchSize", `must be at most the number of examples ${n}, not ${superBatchSize}`);
  check(!(b > n), "batchSize", `must be at most the number of examples ${n}, not ${b}`);
  check(schemes.includes(spec.scheme ?? "uniform"), "scheme", `must be one of ${schemes.join(", ")}`);
  check(between(spec.seed, 0, Number.MAX_SAFE_INTEGER), "seed", "must be an integer in [0, 2^53)");
  check(spec.threshold === undefined || spec.threshold >= 0, "threshold", "must be at least 0");
  check(positive(spec.costRatio), "costRatio", "must be greater than 0 and finite");
  check(spec.threshold === undefined || spec.costRatio === undefined, "costRatio", "excludes a fixed threshold");
  check(
    !(spec.smoothing !== undefined && !(spec.smoothing >= 0 && spec.smoothing < 1)),
    "smoothing",
    "must be in [0, 1)",
  );
  check(between(spec.prefetch, 0, 1), "prefetch", "must be 0 or 1");
  check(between(spec.workers, 1, 65536), "workers", "must be an integer in [1, 65536]");
  check(spec.maxWeight === undefined || spec.maxWeight > 0, "maxWeight", "must be greater than 0");
  if (adaptive) {
    check(between(adaptive.max, superBatchSize, n), "adaptive.max", `must be an integer in [${superBatchSize}, ${n}]`);
    check(positive(adaptive.growth) && (adaptive.growth ?? 2) > 1, "adaptive.growth", "must be greater than 1");
  }
  const share = history?.uniformShare ?? 0.1;
  check(share > 0 && share <= 1, "history.uniformShare", "must be in (0, 1]");
  check(positive(history?.fadingSteps), "history.fadingSteps", "must be greater than 0 and finite");
  problems.push(...shardProblems(spec));
  return problems;
}

const schemes: readonly Scheme[] = ["uniform", "upper-bound", "loss", "loss-history"];

function positive(value: number | undefined): boolean {
  return value === undefined || (value > 0 && value < Number.POSITIVE_INFINITY);
}

function shardProblems(spec: SessionSpec): FieldError[] {
  const shards = spec.shards ?? [];
  let start = 0;
  for (const [i, shard] of shards.entries()) {
    if (shard.start !== start)
      return [new FieldError(`shards[${i}].start`, `must be ${start}, where the shard before it ends`)];
    if (!(Number.isInteger(shard.end) && shard.end > shard.start))
      return [new FieldError(`shards[${i}].end`, "must be an integer greater than start")];
    start = shard.end;
  }
  if (shards.length > 0 && start !== spec.examples)
    return [new FieldError(`shards[${shards.length - 1}].end`, `must be ${spec.examples}, the number of examples`)];
  return [];
}
