import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { activeTraceparent } from "@superbatch/telemetry";
import { abortable } from "@superbatch/training";
import {
  type BackendInUse,
  decodeError,
  type ThreadCommand,
  type ThreadEvent,
  type ThreadSettings,
} from "./training-messages.ts";
import { oneAtATime, type TrainingOrder, type TrainingOutcome, type TrainingSlot } from "./training-slot.ts";

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
  /** Seconds to wait before another thread follows one that could not start. @default 1 */
  readonly backoffSeconds?: number;
  /** What the thread runs. @default training-thread.ts */
  readonly program?: URL;
}

interface Thread {
  readonly worker: Worker;
  /** Rejects if the thread ends before it is ready. */
  readonly ready: Promise<BackendInUse>;
  /** Milliseconds of the monotonic clock at which it ended without having been ready. */
  failedAt: number | undefined;
  /** Hears what the thread says during a run, and if it is lost. */
  listener: { hear(event: ThreadEvent): void; lost(error: Error): void } | undefined;
}

/** @throws {Error} as the thread does when it cannot start: no backend runs here, or a workload cannot be loaded. */
export async function createTrainingHost(options: TrainingHostOptions): Promise<TrainingHost> {
  const {
    settings,
    onReplaced,
    abortSeconds = 0.8,
    backoffSeconds = 1,
    program = new URL("./training-thread.ts", import.meta.url),
  } = options;
  let closing = false;
  let thread = start();

  function start(): Thread {
    const worker = new Worker(program, { name: "training", workerData: settings });
    let cause = new Error("the training thread ended");
    let wasReady = false;
    const started: Thread = {
      worker,
      failedAt: undefined,
      listener: undefined,
      ready: new Promise((resolve, reject) => {
        worker.on("message", (event: ThreadEvent) => {
          if (event.kind === "ready") {
            wasReady = true;
            resolve(event.backend);
          } else started.listener?.hear(event);
        });
        worker.on("error", (error) => {
          cause = error as Error;
        });
        worker.on("exit", () => {
          reject(cause);
          started.listener?.lost(cause);
          // What cannot start now would hardly start at once: the next run tries again.
          if (!wasReady) started.failedAt = performance.now();
          else if (thread === started) replace(cause.message);
        });
      }),
    };
    // A replacement that cannot start is reported by the run that waits for it.
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

  /** The thread at hand once it is ready; another one if that could not start. */
  async function readyThread(signal: AbortSignal): Promise<Thread> {
    if (thread.failedAt !== undefined) {
      const left = thread.failedAt + backoffSeconds * 1000 - performance.now();
      if (left > 0) await abortable(sleep(left, undefined, { ref: false }), signal);
      if (closing) throw new Error("the trainer is stopping");
      thread = start();
    }
    const used = thread;
    await abortable(used.ready, signal);
    return used;
  }

  async function run(order: TrainingOrder): Promise<TrainingOutcome> {
    const { signal, stopEarly } = order;
    signal.throwIfAborted();
    const used = await readyThread(signal);
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

  return {
    slot: oneAtATime(run),
    backend: await thread.ready,
    async close() {
      closing = true;
      await thread.worker.terminate();
    },
  };
}
