// TensorFlow.js' wasm backend in Node with our kernels: the default on a CPU without TensorFlow.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { type BackendWasm, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { Availability, Backend, BackendOptions, BackendProvider } from "../backend.ts";
import { memoryOf } from "./memory.ts";
import { kernelFile, loadKernels, type VectorBits } from "./module.ts";
import { registerKernels } from "./register.ts";
import { fasterKernels } from "./vector-width.ts";

async function availability(): Promise<Availability> {
  if (existsSync(kernelFile(128))) return { available: true, detail: "CPU, WebAssembly with relaxed SIMD, one thread" };
  return { available: false, reason: "its kernels are not built", remedy: "run `npm run setup`" };
}

let opened: VectorBits | undefined;

/** Starts tfjs' backend and registers our kernels: once per process, since tfjs has one registry. */
async function start(options: BackendOptions): Promise<VectorBits> {
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(folder + sep);
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start its wasm backend");
  await tf.ready();
  const backend = tf.backend() as BackendWasm;
  const { vectorBits = "auto" } = options;
  const bits = vectorBits === "auto" ? fasterKernels(backend) : vectorBits;
  registerKernels(loadKernels(memoryOf(backend), bits));
  return bits;
}

async function open(options: BackendOptions): Promise<Backend> {
  const wanted = options.vectorBits;
  if (opened === undefined) opened = await start(options);
  else if (wanted !== undefined && wanted !== "auto" && wanted !== opened) {
    throw new Error(`the wasm backend is already open with ${opened}-bit vectors; choose the width in a new process`);
  } else await tf.setBackend("wasm");
  return {
    name: "wasm",
    device: `CPU, WebAssembly, ${opened}-bit vectors, one thread`,
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
    // Kernels run on this thread: when a call returns, its result is there.
    synchronize: () => Promise.resolve(),
  };
}

export const wasm: BackendProvider = { name: "wasm", availability, open };
