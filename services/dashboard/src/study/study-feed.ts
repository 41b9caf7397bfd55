import type { optimizer } from "@superbatch/contracts";
import type { OptimizerServiceClient } from "./client.ts";
import { withToken } from "./client.ts";

/** All trials of one study, kept up to date by its events. */
export interface StudyFeed {
  /** By number, without learning curves; with the attempts of those that took several. */
  trials(): readonly optimizer.Trial[];
  /** Grows with each change. */
  revision(): number;
  /** Resolves at the next change after `revision`, or when the signal aborts. */
  changed(revision: number, signal: AbortSignal): Promise<void>;
  /** Resolves when all trials are there, rejects if they cannot be read. */
  readonly ready: Promise<void>;
  /** Why the feed has ended; undefined while it goes on. */
  failure(): unknown;
  close(): void;
}

/** Trials of one question. */
const pageSize = 10_000;

/**
 * Reads a study's trials and then follows its events.
 *
 * @param token - bearer token to read with
 */
export function openStudyFeed(client: OptimizerServiceClient, study: string, token: string | undefined): StudyFeed {
  const trials = new Map<number, optimizer.Trial>();
  const ended = new AbortController();
  const waiting = new Set<() => void>();
  let sorted: readonly optimizer.Trial[] | undefined;
  let revision = 0;
  let failure: unknown;

  function change(): void {
    revision++;
    sorted = undefined;
    for (const wake of waiting) wake();
    waiting.clear();
  }

  const options = { ...withToken(token), signal: ended.signal };

  async function readAll(): Promise<number> {
    const { study: found } = await client.getStudy({ name: study }, options);
    for (let pageToken = "", more = true; more; ) {
      const request = { study, pageSize, pageToken, includeAttempts: true };
      const page = await client.listTrials(request, options);
      for (const trial of page.trials) trials.set(trial.number, slim(trial));
      pageToken = page.nextPageToken;
      more = pageToken !== "";
    }
    change();
    return found!.lastEvent;
  }

  async function follow(after: number): Promise<void> {
    let afterSequence = after;
    while (!ended.signal.aborted) {
      for await (const event of client.watchStudy({ study, afterSequence }, options)) {
        afterSequence = event.sequence;
        if (event.trial) {
          const { number, attempts, name } = event.trial;
          // Events tell the trial without its attempts; only those of several are shown.
          const trial = attempts > 1 ? (await client.getTrial({ name }, options)).trial! : event.trial;
          trials.set(number, slim(trial));
        }
        // Events of the study itself count too: who looks sees it paused.
        change();
      }
      // The stream ends without error only when the study is gone.
      throw new Error(`${study} was deleted`);
    }
  }

  const ready = readAll();
  ready.then(follow).catch((error: unknown) => {
    failure = error;
    change();
  });

  return {
    trials() {
      sorted ??= [...trials.values()].sort((a, b) => a.number - b.number);
      return sorted;
    },
    revision: () => revision,
    changed(known, signal) {
      if (revision > known || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    },
    ready: ready.then(() => undefined),
    failure: () => failure,
    close: () => ended.abort(),
  };
}

/** Without what figures of a whole study do not show: thousands of trials are kept. */
function slim(trial: optimizer.Trial): optimizer.Trial {
  const { explanation, attempts, attemptHistory } = trial;
  return {
    ...trial,
    progress: [],
    attemptHistory: attempts > 1 ? attemptHistory : [],
    explanation: explanation && { ...explanation, alternatives: [] },
  };
}
