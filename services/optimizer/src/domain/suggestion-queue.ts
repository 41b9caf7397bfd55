import type { Point } from "@superbatch/search-space";
import type { Suggestion } from "./suggest/engine.ts";

/** A suggestion that waits for a lease. */
export interface ReadySuggestion {
  readonly suggestion: Suggestion;
  /** Trace of the trial that it will become: the work of suggesting is its first part. */
  readonly traceparent: string;
  /** Ended trials that it knows of. */
  readonly known: number;
  /** True if no trial was waiting or running when it was computed. */
  readonly alone: boolean;
}

/** What a study is like when suggestions are computed or handed out. */
export interface Basis {
  /** When the study was created: tells it from a later one of the same name. */
  readonly createdAt: number;
  readonly trialCount: number;
  readonly spaceVersion: number;
  /** Trials that ended with something to learn: completed or infeasible. */
  readonly known: number;
  /** Trials that wait or that workers hold. */
  readonly pending: number;
}

/**
 * Suggestions computed ahead for one study, handed out in their order. One that misses results is still handed out while other trials run,
 * as long as it misses no more than there are such trials: it was computed with them pending. Without others, as with a single trainer, it
 * must know everything, so that the same study gives the same trials again.
 *
 * `ready`, `shift` and `begin` belong inside a transaction that has locked the study: so queue and store always agree.
 */
export interface SuggestionQueue {
  readonly length: number;
  readonly points: readonly Point[];
  /** Suggestions that may be handed out now, at most `count`; forgets all if they no longer fit. */
  ready(basis: Basis, count: number): readonly ReadySuggestion[];
  /** Takes the first ones off, which become trials in the present transaction; if that fails, `forget` must follow. */
  shift(count: number): void;
  /** Forgets everything: it is computed again. */
  forget(): void;
  /** Starts a computation that continues what is ready; forgets that if it no longer fits. @returns a token for `append`. */
  begin(basis: Basis): number;
  /** Appends suggestions, unless those that they follow were forgotten since `begin`. */
  append(token: number, suggestions: readonly ReadySuggestion[]): void;
}

export function createSuggestionQueue(): SuggestionQueue {
  let items: ReadySuggestion[] = [];
  let createdAt = 0;
  let trialCount = 0;
  let spaceVersion = 0;
  let generation = 0;

  function forget(): void {
    items = [];
    generation++;
  }

  function fits(basis: Basis, { known, alone }: ReadySuggestion): boolean {
    if (basis.createdAt !== createdAt) return false;
    if (basis.trialCount !== trialCount || basis.spaceVersion !== spaceVersion) return false;
    const missed = basis.known - known;
    return basis.pending === 0 ? missed === 0 && alone : missed <= basis.pending;
  }

  return {
    get length() {
      return items.length;
    },
    get points() {
      return items.map(({ suggestion }) => suggestion.point);
    },

    ready(basis, count) {
      if (items.length > 0 && !fits(basis, items[0]!)) forget();
      return items.slice(0, count);
    },

    forget,

    shift(count) {
      items.splice(0, count);
      trialCount += count;
    },

    begin(basis) {
      if (items.length > 0 && !fits(basis, items[0]!)) forget();
      if (items.length === 0) ({ createdAt, trialCount, spaceVersion } = basis);
      return generation;
    },

    append(token, suggestions) {
      if (token === generation) items.push(...suggestions);
    },
  };
}
