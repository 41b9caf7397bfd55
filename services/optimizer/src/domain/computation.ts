import { setTimeout as delay } from "node:timers/promises";
import type { Store, StoreTransaction } from "@superbatch/store";

/** Milliseconds that a claim holds unless it is renewed: so long the work of a replica that died waits for another. */
const claimLifetime = 5_000;

/** Milliseconds between renewals. */
const renewal = 1_500;

/** Milliseconds until a replica looks again at what another one computes. */
const pausing = 50;

/** The right to compute a study's suggestions, of which replicas over one store have one: else each would do the others' work again. */
export interface Computation {
  /** Takes the right in a transaction. False if another replica has it. */
  claim(tx: StoreTransaction): Promise<boolean>;
  /** Does the work, keeping the right meanwhile, and gives it back. */
  during(work: () => Promise<void>): Promise<void>;
  /** Waits a moment for whoever has the right. */
  pause(signal: AbortSignal): Promise<void>;
}

/** @param holder - unique among all that compute. */
export function holdComputation(store: Store, study: string, holder: string): Computation {
  const claim = (tx: StoreTransaction) => tx.claimComputation(study, holder, tx.now + claimLifetime);
  return {
    claim,

    async during(work) {
      let renewing: Promise<unknown> = Promise.resolve();
      const timer = setInterval(() => {
        // Without renewal another replica may do the same work, whose result is then dropped: nothing is lost but time.
        renewing = store.transaction(claim).catch(() => {});
      }, renewal);
      try {
        await work();
      } finally {
        clearInterval(timer);
        await renewing;
        await store.transaction((tx) => tx.releaseComputation(study, holder)).catch(() => {});
      }
    },

    async pause(signal) {
      await delay(pausing, undefined, { signal }).catch(() => {});
    },
  };
}
