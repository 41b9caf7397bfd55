import { Worker } from "node:worker_threads";
import { activeTraceparent } from "@superbatch/telemetry";
import {
  type BackendInUse,
  decodeError,
  type ThreadCommand,
  type ThreadEvent,
  type ThreadSettings,
} from "./training-messages.ts";
import type { TrainingOrder, TrainingOutcome, TrainingSlot } from "./training-slot.ts";

/** A training slot in a thread of its own: however long a step takes, this thread answers calls and sends heartbeats. */
export interface TrainingHost {
  readonly slot: TrainingSlot;
  readonly backend: BackendInUse;
  /** Ends the thread; what it trains is lost. Safe to repeat. */
  close(): Promise<void>;
}

export interface TrainingHostOptions {
  readonly settings: ThreadSettings;
  /** Told when the thread was replaced, and why. */
  readonly onReplaced: (reason: string) => void;
  /** Seconds in which an aborted training may end by itself before its thread is ended. @default 0.8 */
  readonly abortSeconds?: number;
  /** What the thread runs. @default training-thread.ts */
  readonly program?: URL;
}

interface Thread {
  readonly worker: Worker;
  /** Rejects if the thread ends before it is ready. */
  readonly ready: Promise<BackendInUse>;
  /** Hears what the thread says during a run, and if it is lost. */
  listener: { hear(event: ThreadEvent): void; lost(error: Error): void } | undefined;
}

/** @throws {Error} as the thread does when it cannot start: no backend runs here, or a workload cannot be loaded. */
export async function createTrainingHost(options: TrainingHostOptions): Promise<TrainingHost> {
  const {
    settings,
    onReplaced,
    abortSeconds = 0.8,
    program = new URL("./training-thread.ts", import.meta.url),
  } = options;
  let closing = false;
  let current: Promise<TrainingOutcome> | undefined;
  let thread = start();

  function start(): Thread {
    const worker = new Worker(program, { name: "training", workerData: settings });
    let cause = new Error("the training thread ended");
    const started: Thread = {
      worker,
      listener: undefined,
      ready: new Promise((resolve, reject) => {
        worker.on("message", (event: ThreadEvent) => {
          if (event.kind === "ready") resolve(event.backend);
          else started.listener?.hear(event);
        });
        worker.on("error", (error) => {
          cause = error as Error;
        });
        worker.on("exit", () => {
          reject(cause);
          started.listener?.lost(cause);
          if (thread === started) replace(cause.message);
        });
      }),
    };
    // A replacement that cannot start is reported by the next run.
    started.ready.catch(() => {});
    return started;
  }

  function replace(reason: string): void {
    if (closing) return;
    const { worker } = thread;
    thread = start();
    void worker.terminate();
    onReplaced(reason);
  }

  async function run(order: TrainingOrder): Promise<TrainingOutcome> {
    const { signal, stopEarly } = order;
    signal.throwIfAborted();
    const used = thread;
    await used.ready;
    const post = (command: ThreadCommand) => used.worker.postMessage(command);
    const onStopEarly = () => post({ kind: "stop_early" });
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      post({ kind: "abort" });
      timer = setTimeout(() => thread === used && replace("a training did not end in time"), abortSeconds * 1000);
    };
    try {
      return await new Promise<TrainingOutcome>((resolve, reject) => {
        used.listener = {
          lost: reject,
          hear(event) {
            if (event.kind === "point") order.onProgress?.(event.point);
            if (event.kind === "step") order.onStep?.(event.progress);
            if (event.kind === "done") resolve(event.outcome);
            if (event.kind === "failed") {
              const { error } = event;
              // After any other failure the backend's memory may be full or spoiled.
              const sound = signal.aborted || error.kind === "parameter" || error.kind === "data";
              if (!sound && thread === used) replace(decodeError(error).message);
              reject(decodeError(error));
            }
          },
        };
        const { values, seed, checkpoint } = order;
        post({ kind: "run", values, seed, checkpoint, traceparent: activeTraceparent() });
        signal.addEventListener("abort", onAbort, { once: true });
        stopEarly?.addEventListener("abort", onStopEarly, { once: true });
        if (signal.aborted) onAbort();
        if (stopEarly?.aborted) onStopEarly();
      });
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      used.listener = undefined;
      signal.removeEventListener("abort", onAbort);
      stopEarly?.removeEventListener("abort", onStopEarly);
    }
  }

  const slot: TrainingSlot = {
    get busy() {
      return current !== undefined;
    },
    async idle() {
      while (current) await current.catch(() => {});
    },
    async run(order) {
      if (current) throw new Error("a training runs already");
      current = run(order);
      try {
        return await current;
      } finally {
        current = undefined;
      }
    },
  };
  return {
    slot,
    backend: await thread.ready,
    async close() {
      closing = true;
      await thread.worker.terminate();
    },
  };
}
