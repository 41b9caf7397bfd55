import type { Matrix } from "@superbatch/linalg";
import { attribute, spanName, withSpan } from "@superbatch/telemetry";
import { type FitInput, handleOf, inferredPart, settleInput } from "./fit-input.ts";
import { createFitter } from "./fitter.ts";
import { type Model, outputNames } from "./model.ts";
import { createModelCache } from "./model-cache.ts";
import { createModelPool } from "./model-pool.ts";
import type { ModelName } from "./models/kinds.ts";
import { createSharedWork } from "./shared-work.ts";
import type { LeaveOneOutSummary, OutputName } from "./task.ts";

export interface SurrogateOptions {
  /** What is fitted. @default "exact-gp" */
  readonly modelKind?: ModelName;
  /** Number of threads that fit and evaluate, at least 1. */
  readonly threads: number;
  /** Memory for models. */
  readonly cacheBytes: number;
  /** Told when a thread was lost with its models. */
  readonly onThreadLost: (cause: unknown) => void;
}

/** What to evaluate a model at. */
export interface PosteriorInput {
  readonly handle: string;
  readonly output: OutputName;
  /** R × columns */
  readonly anchors: Matrix;
  /** Q × columns */
  readonly points: Matrix;
}

/** Fits models of objective and log cost, keeps them under content-addressed handles, and evaluates them. */
export interface Surrogate {
  /** The model of this input, from the cache if it is there. @throws an AbortError when `signal` is aborted. */
  fit(input: FitInput, signal: AbortSignal): Promise<{ readonly model: Model; readonly cached: boolean }>;
  /** The model, if it is (still) there. */
  find(handle: string): Model | undefined;
  /**
   * One Gaussian per hyperparameter sample, as a serialized PosteriorResponse; undefined if the model is not (any more) there.
   *
   * @throws an AbortError after `signal` is aborted.
   */
  posterior(input: PosteriorInput, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * How well each observation of one output is predicted from all others; undefined if the model does not tell, or is not (any more) there.
   *
   * @throws an AbortError after `signal` is aborted.
   */
  leaveOneOut(handle: string, output: OutputName, signal: AbortSignal): Promise<LeaveOneOutSummary | undefined>;
  /** Forgets a model, if it is there. */
  release(handle: string): void;
  close(): Promise<void>;
}

export function createSurrogate({
  modelKind = "exact-gp",
  threads,
  cacheBytes,
  onThreadLost,
}: SurrogateOptions): Surrogate {
  const fits = createSharedWork<Model>();
  const pool = createModelPool({
    size: threads,
    onLost(thread, cause) {
      cache.deleteWhere(({ parts }) => outputNames.some((output) => parts[output].thread === thread));
      onThreadLost(cause);
    },
  });
  const fitter = createFitter(pool, modelKind);
  const cache = createModelCache<Model>({
    limitBytes: cacheBytes,
    onRemoved: ({ parts }) => fitter.drop(Object.values(parts)),
  });

  async function fitAndKeep(handle: string, input: FitInput, signal: AbortSignal): Promise<Model> {
    const whole = input.inferFrom === input.y.length;
    const model = await (whole ? fitter.fit(handle, input, signal) : extend(handle, input, signal));
    cache.put(model);
    return model;
  }

  /** Adds observations to the model of the first ones, which is fitted if it is not there: what comes out is a function of the input. */
  async function extend(handle: string, input: FitInput, signal: AbortSignal): Promise<Model> {
    const part = inferredPart(input);
    const partHandle = handleOf(modelKind, part);
    for (;;) {
      // Found and used in one step: whatever else is fitted may put it out of the cache again.
      const base = cache.get(partHandle);
      if (base) return fitter.append(handle, input, base, signal);
      await fits.join(partHandle, signal, (work) => fitAndKeep(partHandle, part, work));
    }
  }

  return {
    async fit(asked, signal) {
      const input = settleInput(modelKind, asked);
      const handle = handleOf(modelKind, input);
      const known = cache.get(handle);
      if (known) return { model: known, cached: true };
      const model = await fits.join(handle, signal, (work) => fitAndKeep(handle, input, work));
      return { model, cached: false };
    },
    find: (handle) => cache.get(handle),
    async posterior({ handle, output, anchors, points }, signal) {
      const part = cache.get(handle)?.parts[output];
      if (!part) return undefined;
      const attributes = {
        [attribute.surrogateOutput]: output,
        [attribute.surrogateAnchors]: anchors.rows,
        [attribute.surrogatePoints]: points.rows,
      };
      return withSpan(spanName.posterior, attributes, () => {
        const task = { kind: "posterior", model: part.name, anchors, points } as const;
        return pool.run<"posterior">(part.thread, task, signal);
      });
    },
    async leaveOneOut(handle, output, signal) {
      const part = cache.get(handle)?.parts[output];
      return part && pool.run<"leave-one-out">(part.thread, { kind: "leave-one-out", model: part.name }, signal);
    },
    release: (handle) => cache.delete(handle),
    close: () => pool.close(),
  };
}
