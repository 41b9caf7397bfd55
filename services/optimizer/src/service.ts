import { optimizer } from "@superbatch/contracts";
import { implement, type Logger, type ServiceEntry } from "@superbatch/rpc";
import type { Clock, Store } from "@superbatch/store";
import { createLeaseCalls } from "./calls/lease-calls.ts";
import { createReadCalls } from "./calls/read-calls.ts";
import { createReportCalls } from "./calls/report-calls.ts";
import { withStoreErrors } from "./calls/store-errors.ts";
import { createStudyCalls } from "./calls/study-calls.ts";
import { createTransferCalls } from "./calls/transfer-calls.ts";
import { createTrialCalls } from "./calls/trial-calls.ts";
import { type ExpirySweeper, startSweeper } from "./domain/expiry.ts";
import { createIdempotency } from "./domain/idempotency.ts";
import { createLeases } from "./domain/leases.ts";
import { defaultLimits, type Limits } from "./domain/limits.ts";
import { observeStudies } from "./domain/metrics.ts";
import type { SuggestionEngine } from "./domain/suggest/engine.ts";

export interface OptimizerOptions {
  readonly store: Store;
  readonly engine: SuggestionEngine;
  readonly logger: Logger;
  /** When leases end; the store's own clock. */
  readonly clock: Clock;
  /** @default {@link defaultLimits} */
  readonly limits?: Limits;
  /** What is wrong with a surrogate that a study names, in words; undefined if it can be used. @default any can */
  readonly surrogateProblem?: (surrogate: string) => string | undefined;
}

/** The optimizer's calls with what runs beside them. */
export interface OptimizerService {
  readonly entry: ServiceEntry;
  /**
   * Begins to end leases on time.
   *
   * @param reachable - told twice a second whether the store can be reached; for health.
   */
  start(reachable: (yes: boolean) => void): void;
  /** Stops what runs beside the calls. Idempotent. */
  stop(): Promise<void>;
}

export function createOptimizer(options: OptimizerOptions): OptimizerService {
  const { store, engine, logger, clock, limits = defaultLimits, surrogateProblem = () => undefined } = options;
  const leases = createLeases({ store, engine, logger, limits });
  const context = { store, engine, logger, leases, limits, idempotency: createIdempotency(store), surrogateProblem };
  let sweeper: ExpirySweeper | undefined;
  let stopObserving: (() => void) | undefined;
  return {
    entry: implement(
      optimizer.OptimizerServiceDefinition,
      withStoreErrors({
        ...createStudyCalls(context),
        ...createLeaseCalls(context),
        ...createReportCalls(context),
        ...createTrialCalls(context),
        ...createTransferCalls(context),
        ...createReadCalls(context),
      }),
    ),
    start(reachable) {
      stopObserving ??= observeStudies({ store, clock });
      sweeper ??= startSweeper({ store, clock, logger, reachable, changed: (study) => leases.changed(study) });
    },
    async stop() {
      stopObserving?.();
      await Promise.all([sweeper?.stop(), leases.stop()]);
    },
  };
}
