import { type Logger, RpcError } from "@superbatch/rpc";
import type { Store, StoreTransaction } from "@superbatch/store";
import { type Blocked, type Granted, grantLeases, type LeaseRequest } from "./grant.ts";
import type { Limits } from "./limits.ts";
import type { SuggestionEngine } from "./suggest/engine.ts";
import { createSuggester, type Suggester } from "./suggester.ts";
import { createTurns, type Turns } from "./turns.ts";

/** Why a worker got nothing. */
export type NoLease = Pick<Blocked, "reason" | "retryAfterSeconds" | "studyCompleted">;

/** The response to what was granted, or why nothing was. */
export type LeaseResult<Response> = { readonly response: Response } | { readonly none: NoLease };

/**
 * Commits what is granted together with the response to the call, so that a repeated call gets the same leases.
 * `grant` returns undefined if there is nothing; then no response is kept, and a repeated call asks again.
 */
export type Commit<Response> = (
  grant: (tx: StoreTransaction) => Promise<readonly Granted[] | undefined>,
) => Promise<Response | undefined>;

export interface LeaseWait {
  /** Seconds to wait for a trial. */
  readonly seconds: number;
  /** Aborts when the caller leaves: the call then rejects. */
  readonly signal: AbortSignal;
  /** Aborts when the service stops: the call then answers that there is nothing. */
  readonly draining: AbortSignal;
}

/** Hands out trials of any study. */
export interface Leases {
  /** Leases trials, waiting for one if there is none. */
  lease<Response>(request: LeaseRequest, wait: LeaseWait, commit: Commit<Response>): Promise<LeaseResult<Response>>;
  /** To be called after a study has changed: computes suggestions ahead. */
  changed(study: string): void;
  /** Drops what is kept in memory of a study that is gone. */
  forget(study: string): void;
  stop(): Promise<void>;
}

export interface LeasesOptions {
  readonly store: Store;
  readonly engine: SuggestionEngine;
  readonly logger: Logger;
  readonly limits: Limits;
}

/** A suggestion may take this long even if the caller does not want to wait, in seconds. */
const suggestionGrace = 0.5;

interface Desk {
  readonly suggester: Suggester;
  /** Calls look for a trial one after the other, so that they do not fill the store's queue. */
  readonly turns: Turns<Blocked>;
  /** Trials that waiting calls want. */
  demand: number;
}

export function createLeases(options: LeasesOptions): Leases {
  const { store, limits } = options;
  const desks = new Map<string, Desk>();

  function deskOf(study: string): Desk {
    let desk = desks.get(study);
    if (!desk) {
      desk = { suggester: createSuggester(study, options), turns: createTurns(), demand: 0 };
      desks.set(study, desk);
    }
    return desk;
  }

  function forget(study: string): void {
    const desk = desks.get(study);
    desks.delete(study);
    void desk?.suggester.stop();
  }

  async function tryOnce<Response>(
    desk: Desk,
    request: LeaseRequest,
    commit: Commit<Response>,
  ): Promise<{ readonly response: Response } | { readonly blocked: Blocked }> {
    let blocked: Blocked | undefined;
    const response = await commit(async (tx) => {
      const result = await grantLeases(tx, request, desk.suggester.exhaustedAt, limits);
      blocked = "reason" in result ? result : undefined;
      return "reason" in result ? undefined : result;
    });
    return response === undefined ? { blocked: blocked! } : { response };
  }

  /** @returns false if the time is over. */
  async function waitFor(
    desk: Desk,
    study: string,
    blocked: Blocked,
    seconds: number,
    wait: LeaseWait,
  ): Promise<boolean> {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), 1000 * seconds);
    const signal = AbortSignal.any([over.signal, wait.signal, wait.draining]);
    try {
      const aborted = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      // What others wait for is computed in the same go.
      if (blocked.suggestionsNeeded > 0) await Promise.race([desk.suggester.compute(desk.demand), aborted]);
      else await store.waitForEvents(study, blocked.lastEvent, signal);
      return !over.signal.aborted;
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }

  return {
    async lease<Response>(
      request: LeaseRequest,
      wait: LeaseWait,
      commit: Commit<Response>,
    ): Promise<LeaseResult<Response>> {
      const desk = deskOf(request.study);
      const began = performance.now();
      let over = false;
      desk.demand += request.count;
      try {
        for (;;) {
          const look = async (): Promise<Attempt<Response>> => {
            wait.signal.throwIfAborted();
            // Those who queue when the service is told to stop are not to keep it from stopping.
            if (wait.draining.aborted) return { none: stopping };
            return tryOnce(desk, request, commit);
          };
          const result: Attempt<Response> = await desk.turns.take(look, forEverybody);
          if (!("blocked" in result)) return result;
          const { blocked }: { readonly blocked: Blocked } = result;
          wait.signal.throwIfAborted();
          if (wait.draining.aborted) return { none: stopping };
          // Once, not with each suggestion that another call was given: those who wait for long would never be answered.
          const patience = blocked.suggestionsNeeded > 0 ? Math.max(wait.seconds, suggestionGrace) : wait.seconds;
          const left = patience - (performance.now() - began) / 1000;
          if (over || blocked.final || left <= 0) return { none: blocked };
          // After the time to wait it looks a last time: something may have come in the very last moment.
          over = !(await waitFor(desk, request.study, blocked, left, wait));
        }
      } catch (error) {
        if (error instanceof RpcError && error.reason === "STUDY_NOT_FOUND") forget(request.study);
        throw error;
      } finally {
        desk.demand -= request.count;
        desk.suggester.ahead();
      }
    },

    changed(study) {
      desks.get(study)?.suggester.ahead();
    },

    forget,

    async stop() {
      await Promise.all([...desks.values()].map(({ suggester }) => suggester.stop()));
    },
  };
}

/** The response to what was granted, or why nothing was. */
type Attempt<Response> = LeaseResult<Response> | { readonly blocked: Blocked };

function forEverybody(attempt: Attempt<unknown>): Blocked | undefined {
  return "blocked" in attempt && attempt.blocked.everybody ? attempt.blocked : undefined;
}

const stopping: NoLease = { reason: "the optimizer is stopping", retryAfterSeconds: 1, studyCompleted: false };
