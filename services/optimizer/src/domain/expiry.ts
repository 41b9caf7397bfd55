import type { Logger } from "@superbatch/rpc";
import { type Clock, type Store, StoreUnavailable } from "@superbatch/store";
import { countExpiry } from "./metrics.ts";
import { specOf } from "./spec.ts";
import { record, settle } from "./transitions.ts";
import { traceTrial } from "./trial-trace.ts";

/** Leases ended in one sweep; the rest follows at once in the next. */
const sweepLimit = 200;

/**
 * Takes trials back whose lease has ended on the server's clock: they wait for another worker, or fail after their last attempt. While the
 * service was down no trainer could report: a lease is extended to last at least one lease period from the service's start.
 *
 * @param started - when the service started, milliseconds since the epoch.
 * @returns the studies concerned.
 */
export async function expireLeases(store: Store, now: number, started: number): Promise<Set<string>> {
  const studies = new Set<string>();
  for (const expired of await store.listExpired(now, sweepLimit)) {
    const ended = await store.transaction(async (tx) => {
      const study = await tx.lockStudy(expired.study);
      const trial = study && (await tx.getTrial(expired.study, expired.number));
      // It may have been extended, or ended, since it was listed.
      if (!study || !trial?.lease || trial.lease.expiresAt > now) return undefined;
      const { costUnit, lease } = specOf(study);
      const graceEnd = started + 1000 * lease.seconds;
      if (now < graceEnd) {
        await tx.updateTrial(study.name, trial.number, { lease: { ...trial.lease, expiresAt: graceEnd } });
        return undefined;
      }
      const retry = trial.attempts < lease.maxAttempts;
      const reason = `nothing was heard of ${trial.worker} for ${lease.seconds} s`;
      await tx.updateAttempt(trial.lease.id, { outcome: "expired", reason, endedAt: tx.now });
      const updated = await tx.updateTrial(study.name, trial.number, {
        state: retry ? "suggested" : "failed",
        lease: null,
        stoppedEarly: false,
        reason: retry ? reason : `${reason}, in the last of ${trial.attempts} attempts`,
        finishedAt: retry ? null : tx.now,
      });
      await record(tx, study.name, "lease-expired", reason, trial.number);
      if (!retry) await record(tx, study.name, "trial-failed", updated.reason, trial.number);
      await settle(tx, (await tx.getStudy(study.name))!, retry ? undefined : updated);
      return { trial: updated, worker: trial.worker, costUnit };
    });
    if (!ended) continue;
    studies.add(ended.trial.study);
    countExpiry(ended.trial.study, ended.worker);
    traceTrial(ended.trial, ended.costUnit);
  }
  return studies;
}

/** Completes active studies whose time is over, though nobody calls. @returns the studies concerned. */
export async function endStudies(store: Store, now: number): Promise<readonly string[]> {
  const over = await store.listOver(now, sweepLimit);
  for (const name of over) {
    await store.transaction(async (tx) => {
      const study = await tx.lockStudy(name);
      if (study) await settle(tx, study);
    });
  }
  return over;
}

export interface ExpirySweeper {
  stop(): Promise<void>;
}

export interface SweeperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each study of which leases have ended, or that has ended itself. */
  readonly changed: (study: string) => void;
  /** Called after each look: whether the store could be reached. */
  readonly reachable: (yes: boolean) => void;
}

/** Milliseconds between looks; a lease ends at most that much late. */
const sweepInterval = 500;

/** Responses are kept for at least a day; two are kept here, so that a duplicate around midnight of the first is found too. */
const responseLifetime = 2 * 24 * 3600 * 1000;

/** Ends leases in the background, and forgets old responses. An error is logged, and the next look tries again. */
export function startSweeper({ store, clock, logger, changed, reachable }: SweeperOptions): ExpirySweeper {
  let running: Promise<void> | undefined;
  let pruned = 0;
  const started = clock();
  const timer = setInterval(() => {
    running ??= sweep().finally(() => {
      running = undefined;
    });
  }, sweepInterval);

  async function sweep(): Promise<void> {
    try {
      const now = clock();
      for (const study of await expireLeases(store, now, started)) changed(study);
      for (const study of await endStudies(store, now)) changed(study);
      if (now - pruned > 3600_000) {
        pruned = now;
        await store.pruneResponses(now - responseLifetime);
      }
      reachable(true);
    } catch (error) {
      reachable(!(error instanceof StoreUnavailable));
      logger.error({ err: error }, "could not end leases");
    }
  }

  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
