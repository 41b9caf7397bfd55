import type { Logger } from "./logger.ts";

export type LifecycleState = "created" | "starting" | "ready" | "draining" | "stopped";

/** The steps of a life, each run at most once and in this order. */
export interface LifecycleSteps {
  readonly logger: Logger;
  start(): Promise<void>;
  drain(): Promise<void>;
  finishCalls(): Promise<void>;
  stop(): Promise<void>;
  flush(): Promise<void>;
}

export interface Lifecycle {
  readonly state: LifecycleState;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * created → starting → ready → draining → stopped. Both ways are idempotent and everybody awaits the same promise. Stopping never
 * gives up halfway: a step that fails is logged, and the next runs. Stopping while starting waits for the start; a start that failed
 * has undone itself before it throws.
 */
export function createLifecycle(steps: LifecycleSteps): Lifecycle {
  let state: LifecycleState = "created";
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  async function attempt(step: "drain" | "finishCalls" | "stop" | "flush"): Promise<void> {
    try {
      await steps[step]();
    } catch (error) {
      steps.logger.error({ err: error, step }, "stopping goes on after a failed step");
    }
  }

  async function doStart(): Promise<void> {
    if (stopping) throw new Error("a service that was stopped cannot start again");
    state = "starting";
    try {
      await steps.start();
      state = "ready";
    } catch (error) {
      state = "stopped";
      await attempt("stop");
      await attempt("flush");
      throw error;
    }
  }

  async function doStop(): Promise<void> {
    // Whoever called start hears of its failure.
    await starting?.catch(() => {});
    if (state === "ready") {
      state = "draining";
      await attempt("drain");
      await attempt("finishCalls");
      await attempt("stop");
      await attempt("flush");
    }
    state = "stopped";
  }

  return {
    get state() {
      return state;
    },
    start() {
      starting ??= doStart();
      return starting;
    },
    stop() {
      stopping ??= doStop();
      return stopping;
    },
  };
}
