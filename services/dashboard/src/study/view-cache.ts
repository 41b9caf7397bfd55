import { setTimeout as delay } from "node:timers/promises";
import type { StudyFeed } from "./study-feed.ts";

/** What a view answers with. */
export interface CachedView {
  readonly json: string;
  /** Milliseconds after which a newer one may be had; 0 if this one is as new as the study. */
  readonly outdatedFor: number;
}

/**
 * Views of studies as JSON, each made once for all who look at it, and not again before the study changes. One that takes long is made anew at most so often that
 * it takes a tenth of the time: until then the last one is shown, of a study that goes on. A failure that took long is told again for a while, rather
 * than tried again by each who looks.
 */
export interface ViewCache {
  /**
   * @param key - of the view, with all that it depends on besides the study's trials
   * @param make - given a signal that aborts when nobody asks any more
   * @returns undefined if it takes longer than a caller should wait: it goes on being made, for whoever asks again
   */
  get(feed: StudyFeed, key: string, make: (signal: AbortSignal) => Promise<unknown>): Promise<CachedView | undefined>;
}

export interface ViewCacheOptions {
  readonly now?: () => number;
  /** Milliseconds that a caller waits at most. @default 15,000 */
  readonly wait?: number;
}

/** Views kept of a study. */
const kept = 50;
/** How many times as long as it takes to make it a view is shown. */
const patience = 10;
/** The longest time that a view is shown though the study has gone on, and that a failure is told again; milliseconds. */
const longest = { view: 120_000, failure: 15_000 };
/** A view that nobody has asked for in this time is not made to its end; milliseconds. */
const forgotten = 60_000;

interface Entry {
  made?: { readonly revision: number; readonly json: string; readonly until: number };
  failed?: { readonly error: unknown; readonly until: number };
  work?: Promise<CachedView>;
  asked: number;
}

export function createViewCache({ now = () => performance.now(), wait = 15_000 }: ViewCacheOptions = {}): ViewCache {
  const studies = new WeakMap<StudyFeed, Map<string, Entry>>();

  function entryOf(feed: StudyFeed, key: string): Entry {
    const entries = studies.get(feed) ?? new Map<string, Entry>();
    studies.set(feed, entries);
    const entry = entries.get(key) ?? { asked: 0 };
    entry.asked = now();
    // Moved to the end: the first is the one that was not asked for longest.
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > kept) entries.delete(entries.keys().next().value!);
    return entry;
  }

  async function work(entry: Entry, feed: StudyFeed, make: (signal: AbortSignal) => Promise<unknown>) {
    const revision = feed.revision();
    const begin = now();
    const rest = () => patience * (now() - begin);
    const abort = new AbortController();
    const timer = setInterval(() => {
      if (now() - entry.asked > forgotten) abort.abort();
    }, forgotten / 10).unref();
    try {
      const json = JSON.stringify(await make(abort.signal));
      entry.made = { revision, json, until: now() + Math.min(longest.view, rest()) };
      delete entry.failed;
      return { json, outdatedFor: 0 };
    } catch (error) {
      if (!abort.signal.aborted) entry.failed = { error, until: now() + Math.min(longest.failure, rest()) };
      throw error;
    } finally {
      clearInterval(timer);
      delete entry.work;
    }
  }

  return {
    async get(feed, key, make) {
      const entry = entryOf(feed, key);
      const { made, failed } = entry;
      if (made?.revision === feed.revision()) return { json: made.json, outdatedFor: 0 };
      if (made && now() < made.until) return { json: made.json, outdatedFor: Math.ceil(made.until - now()) };
      if (failed && now() < failed.until) throw failed.error;
      entry.work ??= work(entry, feed, make);
      const served = new AbortController();
      // A failure after everybody has left is told to whoever asks next.
      entry.work.catch(() => {});
      try {
        return await Promise.race([entry.work, delay(wait, undefined, { signal: served.signal, ref: false })]);
      } finally {
        served.abort();
      }
    },
  };
}
