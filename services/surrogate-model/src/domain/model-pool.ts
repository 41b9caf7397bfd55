import { Worker } from "node:worker_threads";
import type { Task, TaskAnswer, TaskMessage, TaskResults } from "./task.ts";

/** Threads that fit and keep models. A model stays in the thread that made it. */
export interface ModelPool {
  readonly size: number;
  /**
   * Runs a task in one thread.
   *
   * @param signal - aborted: the task stops at its next checkpoint, and rejects with an AbortError then.
   * @throws {ThreadLostError} if the thread ends before it answered.
   */
  run<Kind extends Task["kind"]>(
    thread: number,
    task: Extract<Task, { kind: Kind }>,
    signal?: AbortSignal,
  ): Promise<TaskResults[Kind]>;
  /** The thread with the least work, other than `except` if there is another. */
  leastBusy(except?: number): number;
  /** Ends all threads; what runs is lost. */
  close(): Promise<void>;
}

/** The thread that had the task, and all models in it, is gone (out of memory, as a rule). Another one has taken its place. */
export class ThreadLostError extends Error {
  constructor(cause: unknown) {
    super("the thread that did the work ended", { cause });
    this.name = "ThreadLostError";
  }
}

interface Pending {
  resolve(result: TaskResults[Task["kind"]]): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

export interface ModelPoolOptions {
  /** Number of threads, at least 1. */
  readonly size: number;
  /** Told when a thread is lost with its models, before its tasks are rejected. */
  readonly onLost: (thread: number, cause: unknown) => void;
  /** What the threads run. @default model-thread.ts */
  readonly program?: URL;
}

const modelThread = new URL("./model-thread.ts", import.meta.url);

export function createModelPool({ size, onLost, program = modelThread }: ModelPoolOptions): ModelPool {
  let closing = false;
  let nextId = 0;
  const threads: Thread[] = Array.from({ length: size }, (_, index) => start(index));

  function start(index: number): Thread {
    const worker = new Worker(program, { name: `model-${index}` });
    const pending = new Map<number, Pending>();
    let cause: unknown;
    worker.on("message", (answer: TaskAnswer) => {
      const task = pending.get(answer.id);
      pending.delete(answer.id);
      if ("error" in answer) task?.reject(revive(answer.error));
      else task?.resolve(answer.result);
    });
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", () => {
      if (!closing) {
        threads[index] = start(index);
        onLost(index, cause);
      }
      for (const task of pending.values()) task.reject(new ThreadLostError(cause));
    });
    return { worker, pending };
  }

  return {
    size,
    run<Kind extends Task["kind"]>(
      index: number,
      task: Extract<Task, { kind: Kind }>,
      signal?: AbortSignal,
    ): Promise<TaskResults[Kind]> {
      const { worker, pending } = threads[index]!;
      const stop = new Int32Array(new SharedArrayBuffer(4));
      const onAbort = () => Atomics.store(stop, 0, 1);
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort);
      const id = nextId++;
      const result = new Promise<TaskResults[Kind]>((resolve, reject) => {
        pending.set(id, { resolve: resolve as Pending["resolve"], reject });
        worker.postMessage({ id, task, stop } satisfies TaskMessage);
      });
      return result.finally(() => signal?.removeEventListener("abort", onAbort));
    },
    leastBusy(except) {
      const order = threads.map(({ pending }, index) => ({ index, load: pending.size + (index === except ? 1e9 : 0) }));
      return order.reduce((best, candidate) => (candidate.load < best.load ? candidate : best)).index;
    },
    async close() {
      closing = true;
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function revive({ name, message }: { name: string; message: string }): Error {
  if (name === "AbortError") return new DOMException(message, name);
  if (name === "RangeError") return new RangeError(message);
  return Object.assign(new Error(message), { name });
}
