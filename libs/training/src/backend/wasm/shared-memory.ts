// TensorFlow.js' build with shared memory, for our threads instead of its own.
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

const require = createRequire(import.meta.url);

/** Stands for the eight threads that Emscripten starts in advance: tfjs' scripts for them do not load in Node, and none is needed. */
class AbsentWorker extends EventEmitter {
  postMessage(message: { readonly cmd?: string }): void {
    if (message.cmd === "load") queueMicrotask(() => this.emit("message", { cmd: "loaded" }));
  }
  ref(): void {}
  unref(): void {}
  terminate(): void {}
}

/** Runs `start`, which makes wasm tfjs' backend, so that its memory can be shared between threads. */
export async function withSharedMemory<T>(start: () => Promise<T>): Promise<T> {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
  setThreadsCount(1);
  const threads = require("node:worker_threads") as { Worker: unknown };
  const globals = globalThis as { Worker?: unknown };
  const [original, globalOriginal] = [threads.Worker, globals.Worker];
  threads.Worker = AbsentWorker;
  try {
    return await start();
  } finally {
    threads.Worker = original;
    globals.Worker = globalOriginal;
  }
}
