import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "@superbatch/rpc";
import type { Store, Trial } from "@superbatch/store";
import {
  attribute,
  spanLinkLimits,
  spanName,
  trialTraceparent,
  withRemoteParent,
  withSpan,
} from "@superbatch/telemetry";
import { leasable, usageOf } from "./budget.ts";
import { holdComputation } from "./computation.ts";
import { type ConvergenceQuestion, convergedBecause, convergenceQuestion } from "./convergence.ts";
import { isHeld, knowledgeOf } from "./knowledge.ts";
import {
  appendSuggestions,
  type Basis,
  basisOf,
  type Continued,
  continuing,
  type ReadySuggestion,
  readySuggestions,
} from "./ready-suggestions.ts";
import { specOf } from "./spec.ts";
import { modelOptions } from "./suggest/algorithms.ts";
import type { Suggestion, SuggestionEngine, SuggestRequest } from "./suggest/engine.ts";
import { complete } from "./transitions.ts";
import { createTrialCache } from "./trial-cache.ts";

/** Largest number of suggestions computed at once. */
const batchLimit = 32;

/** Largest numbers of suggestions kept ready: of an algorithm with a model, whose suggestions age, and of one without. */
const aheadLimits = { model: 16, drawn: 64 };

/** Makes suggestions for one study, one computation at a time, and puts them where every replica finds them. */
export interface Suggester {
  /** True if the engine had nothing to suggest when the study was like this. */
  exhaustedAt(basis: Basis): boolean;
  /**
   * Computes `count` more suggestions, or joins the computation that runs. While another replica computes it only waits a moment.
   *
   * @throws what the engine throws, but for an abort by {@link Suggester.stop}.
   */
  compute(count: number): Promise<void>;
  /** Computes in the background what the study is likely to need next; does nothing while a computation runs. */
  ahead(): void;
  /** Ends the computation that runs. */
  stop(): Promise<void>;
}

export interface SuggesterOptions {
  readonly store: Store;
  readonly engine: SuggestionEngine;
  readonly logger: Logger;
}

/** How many more suggestions are wanted, of a study with so many ready. */
type Wanted = (basis: Basis, ready: number, limit: number) => number;

interface Plan {
  readonly question: ConvergenceQuestion | undefined;
  readonly basis: Basis;
  readonly continued: Continued;
  readonly request: SuggestRequest;
  /** Traceparents of the trials whose results a model conditions on, in the order in which they ended; none without a model. */
  readonly observed: readonly string[];
}

export function createSuggester(study: string, { store, engine, logger }: SuggesterOptions): Suggester {
  const cache = createTrialCache();
  const stopping = new AbortController();
  const computation = holdComputation(store, study, randomUUID());
  let running: Promise<void> | undefined;
  let exhausted: Basis | undefined;
  let settledAt = -1;

  /** What to ask the engine for; undefined if nothing is wanted, `elsewhere` if another replica computes. */
  function plan(wanted: Wanted): Promise<Plan | "elsewhere" | undefined> {
    return store.transaction(async (tx) => {
      const current = await tx.lockStudy(study);
      if (current?.state !== "active" || stopping.signal.aborted) return undefined;
      const trials = await cache.refresh(tx, current);
      const basis = basisOf(current);
      const ready = await readySuggestions(tx, current);
      const model = modelOptions(specOf(current).algorithm);
      const limit = model ? aheadLimits.model : aheadLimits.drawn;
      const open = leasable(current, usageOf(current, trials.filter(isHeld), tx.now)) - current.counts.suggested;
      const count = Math.min(batchLimit, open - ready.length, wanted(basis, ready.length, limit));
      if (count <= 0) return undefined;
      if (!(await computation.claim(tx))) return "elsewhere";
      const { request, observed, infeasible, pending, suggested } = knowledgeOf(current, trials);
      // Every result is looked at once.
      const question = basis.known === settledAt ? undefined : convergenceQuestion(current, trials, tx.now);
      return {
        question,
        basis,
        continued: continuing(current, ready),
        request: {
          ...request,
          infeasible,
          pending: [...pending, ...ready.map(({ suggestion }) => suggestion.point)],
          sequence: suggested + ready.length,
          count,
        },
        observed: model ? tracesOf(trials, observed) : [],
      };
    });
  }

  async function suggest({ basis, continued, request, observed }: Plan): Promise<ReadySuggestion[]> {
    const attributes = {
      [attribute.study]: study,
      [attribute.algorithm]: request.algorithm.kind,
      [attribute.suggestionCount]: request.count,
      [attribute.observationCount]: request.observations.length,
      [attribute.resultCount]: request.observations.length,
    };
    const first = trialTraceparent();
    const suggestions = await withRemoteParent(first, () =>
      withSpan(
        spanName.suggest,
        attributes,
        async (span) => {
          const made = await engine.suggest(request, stopping.signal);
          span.setAttributes(fitAttributes(made));
          return made;
        },
        observed,
      ),
    );
    if (suggestions.length === 0) exhausted = basis;
    return suggestions.map((suggestion, i) => ({
      number: continued.trialCount + i + 1,
      suggestion,
      traceparent: i === 0 ? first : trialTraceparent(),
      spaceVersion: basis.spaceVersion,
      known: basis.known,
      alone: basis.pending === 0,
    }));
  }

  /** Completes the study if its recommendation has converged. A model that fails has no say. */
  async function hasConverged({ rule, request }: ConvergenceQuestion, { basis, continued }: Plan): Promise<boolean> {
    const evidence = await engine.convergence(request, stopping.signal).catch((error: unknown) => {
      stopping.signal.throwIfAborted();
      logger.warn({ err: error, study }, "could not tell whether the study has converged");
    });
    if (!evidence) return false;
    settledAt = basis.known;
    const reason = convergedBecause(rule, evidence);
    if (reason === undefined) return false;
    return store.transaction(async (tx) => {
      const current = await tx.lockStudy(study);
      const same = current?.createdAt === continued.createdAt && specOf(current).budget.convergence;
      if (!current || !same || current.state !== "active") return false;
      await complete(tx, current, reason);
      return true;
    });
  }

  async function run(wanted: Wanted): Promise<void> {
    const planned = await plan(wanted);
    if (planned === "elsewhere") await computation.pause(stopping.signal);
    else if (planned)
      await computation.during(async () => {
        if (planned.question && (await hasConverged(planned.question, planned))) return;
        const computed = await suggest(planned);
        await store.transaction((tx) => appendSuggestions(tx, study, planned.continued, computed));
      });
  }

  /** Joins what runs: whoever needs more afterwards asks again. */
  function start(wanted: Wanted): Promise<void> {
    running ??= run(wanted)
      .catch((error) => {
        if (!stopping.signal.aborted) throw error;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  return {
    exhaustedAt: (basis) => isDeepStrictEqual(basis, exhausted),
    compute: (count) => start(() => count),
    ahead() {
      if (running || stopping.signal.aborted) return;
      start((basis, ready, limit) => refill(likelyDemand(basis, limit), ready)).catch((error) => {
        logger.error({ err: error, study }, "could not compute suggestions ahead");
      });
    },
    async stop() {
      stopping.abort(new DOMException("the optimizer is stopping", "AbortError"));
      await running?.catch(() => {});
    },
  };
}

/** What is told of the model that chose the suggestions; nothing if none did. */
function fitAttributes(suggestions: readonly Suggestion[]): Record<string, string | number> {
  const fit = suggestions.find((suggestion) => suggestion.fit)?.fit;
  return {
    ...(fit && { [attribute.observationCount]: fit.observations }),
    ...(fit?.approximation !== undefined && { [attribute.surrogateApproximation]: fit.approximation }),
    ...(fit?.jitter !== undefined && { [attribute.surrogateJitter]: fit.jitter }),
  };
}

/**
 * Of the trials that ended last, as many as a span may link to, in that order: of tens of thousands only these are worth sorting.
 *
 * @param observed - numbers of trials that have ended; `trials` are all by number, from 1
 */
function tracesOf(trials: readonly Trial[], observed: readonly number[]): string[] {
  const ended = observed.map((number) => trials[number - 1]!);
  const times = Float64Array.from(ended, ({ finishedAt }) => finishedAt!).sort();
  const since = times[Math.max(0, times.length - spanLinkLimits[spanName.suggest]!)]!;
  return ended
    .filter(({ finishedAt }) => finishedAt! >= since)
    .sort((a, b) => a.finishedAt! - b.finishedAt!)
    .map(({ traceparent }) => traceparent);
}

/** Many at once rather than one by one: a computation shares its model. */
function refill(demand: number, ready: number): number {
  return ready <= demand / 2 ? demand - ready : 0;
}

/**
 * Suggestions worth having ready: one when all results are in, since whoever brought the last will ask again; none while a single
 * trial runs, since its result would be missing; half as many as trials run otherwise.
 */
function likelyDemand({ pending }: Basis, limit: number): number {
  if (pending === 0) return 1;
  return pending === 1 ? 0 : Math.min(limit, Math.ceil(pending / 2));
}
