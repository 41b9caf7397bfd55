import type { Logger } from "@superbatch/rpc";
import type { Store, Study } from "@superbatch/store";
import { attribute, spanName, trialTraceparent, withRemoteParent, withSpan } from "@superbatch/telemetry";
import { leasable, usageOf } from "./budget.ts";
import { isHeld, knowledgeOf } from "./knowledge.ts";
import type { SuggestionEngine, SuggestRequest } from "./suggest/engine.ts";
import { type Basis, createSuggestionQueue, type SuggestionQueue } from "./suggestion-queue.ts";
import { createTrialCache } from "./trial-cache.ts";

/** Largest number of suggestions computed at once. */
const batchLimit = 32;

/** Largest number of suggestions kept ready. */
const aheadLimit = 16;

/** Makes suggestions for one study, one computation at a time. */
export interface Suggester {
  readonly queue: SuggestionQueue;
  /** True if the engine had nothing more to suggest when the study had so many trials. */
  exhaustedAt(trialCount: number): boolean;
  /**
   * Computes `count` more suggestions, or joins the computation that runs.
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

interface Plan {
  readonly basis: Basis;
  readonly token: number;
  readonly request: SuggestRequest;
  /** Number of trials once all that is ready has been leased. */
  readonly trialCountAfter: number;
}

export function createSuggester(study: string, { store, engine, logger }: SuggesterOptions): Suggester {
  const queue = createSuggestionQueue();
  const cache = createTrialCache();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let exhausted = -1;

  /** What to ask the engine for; undefined if nothing is wanted. */
  function plan(wanted: (basis: Basis) => number): Promise<Plan | undefined> {
    return store.transaction(async (tx) => {
      const current = await tx.lockStudy(study);
      if (current?.state !== "active" || stopping.signal.aborted) return undefined;
      const trials = await cache.refresh(tx, current);
      const basis = basisOf(current);
      const token = queue.begin(basis);
      const open = leasable(current, usageOf(current, trials.filter(isHeld), tx.now)) - current.counts.suggested;
      const count = Math.min(batchLimit, open - queue.length, wanted(basis));
      if (count <= 0) return undefined;
      const { request, infeasible, pending, suggested } = knowledgeOf(current, trials);
      return {
        basis,
        token,
        request: {
          ...request,
          infeasible,
          pending: [...pending, ...queue.points],
          sequence: suggested + queue.length,
          count,
        },
        trialCountAfter: current.trialCount + queue.length,
      };
    });
  }

  async function run(wanted: (basis: Basis) => number): Promise<void> {
    const planned = await plan(wanted);
    if (!planned) return;
    const { basis, token, request, trialCountAfter } = planned;
    const attributes = {
      [attribute.study]: study,
      [attribute.algorithm]: request.algorithm.kind,
      [attribute.suggestionCount]: request.count,
      [attribute.observationCount]: request.observations.length,
    };
    const first = trialTraceparent();
    const suggestions = await withRemoteParent(first, () =>
      withSpan(spanName.suggest, attributes, () => engine.suggest(request, stopping.signal)),
    );
    if (suggestions.length < request.count) exhausted = trialCountAfter + suggestions.length;
    const ready = suggestions.map((suggestion, i) => ({
      suggestion,
      traceparent: i === 0 ? first : trialTraceparent(),
      known: basis.known,
      alone: basis.pending === 0,
    }));
    queue.append(token, ready);
  }

  /** Joins what runs: whoever needs more afterwards asks again. */
  function start(wanted: (basis: Basis) => number): Promise<void> {
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
    queue,
    exhaustedAt: (trialCount) => exhausted === trialCount,
    compute: (count) => start(() => count),
    ahead() {
      if (running || stopping.signal.aborted) return;
      start((basis) => refill(likelyDemand(basis), queue.length)).catch((error) => {
        logger.error({ err: error, study }, "could not compute suggestions ahead");
      });
    },
    async stop() {
      stopping.abort(new DOMException("the optimizer is stopping", "AbortError"));
      await running?.catch(() => {});
    },
  };
}

export function basisOf(study: Study): Basis {
  const { counts } = study;
  return {
    createdAt: study.createdAt,
    trialCount: study.trialCount,
    spaceVersion: study.spaceVersion,
    known: counts.completed + counts.infeasible,
    pending: counts.suggested + counts.leased + counts.running,
  };
}

/** Many at once rather than one by one: a computation shares its model. */
function refill(demand: number, ready: number): number {
  return ready <= demand / 2 ? demand - ready : 0;
}

/**
 * Suggestions worth having ready: one when all results are in, since whoever brought the last will ask again; none while a single
 * trial runs, since its result would be missing; half as many as trials run otherwise.
 */
function likelyDemand({ pending }: Basis): number {
  if (pending === 0) return 1;
  return pending === 1 ? 0 : Math.min(aheadLimit, Math.ceil(pending / 2));
}
