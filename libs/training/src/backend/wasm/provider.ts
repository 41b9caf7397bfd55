// TensorFlow.js' wasm backend in Node with our kernels: the default where no GPU can be used.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { type BackendWasm, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { Availability, Backend, BackendOptions, BackendProvider } from "../backend.ts";
import { guardMemory, memoryOf } from "./memory.ts";
import { compileKernels, instantiateKernels, kernelFile } from "./module.ts";
import { registerKernels } from "./register.ts";
import { withSharedMemory } from "./shared-memory.ts";
import { createSoloTeam, createTeam, type Team } from "./team.ts";
import { fasterKernels } from "./vector-width.ts";

async function availability(): Promise<Availability> {
  if (existsSync(kernelFile(128))) {
    return { available: true, detail: "CPU, WebAssembly with relaxed SIMD", accelerated: false };
  }
  return { available: false, reason: "its kernels are not built", remedy: "run `npm run setup`" };
}

interface Opened {
  readonly bits: 128 | 256;
  readonly threads: number;
}

let opened: Opened | undefined;

async function startTfjs(): Promise<BackendWasm> {
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(folder + sep);
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js could not start its wasm backend");
  await tf.ready();
  return tf.backend() as BackendWasm;
}

/** Starts tfjs' backend and registers our kernels: once per process, since tfjs has one registry. */
async function start({ vectorBits = "auto", threads = 1 }: BackendOptions): Promise<Opened> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`threads must be a positive integer, not ${threads}`);
  const shared = threads > 1;
  const backend = shared ? await withSharedMemory(startTfjs) : await startTfjs();
  guardMemory(backend);
  const bits = vectorBits === "auto" ? fasterKernels(backend, shared) : vectorBits;
  const module = compileKernels(bits, shared);
  const memory = memoryOf(backend);
  const team: Team = shared
    ? await createTeam(module, memory, threads)
    : createSoloTeam(instantiateKernels(module, memory));
  registerKernels(team);
  return { bits, threads };
}

async function open(options: BackendOptions): Promise<Backend> {
  const { vectorBits = "auto", threads } = options;
  if (opened === undefined) opened = await start(options);
  else {
    const same =
      (vectorBits === "auto" || vectorBits === opened.bits) && (threads ?? opened.threads) === opened.threads;
    if (!same) {
      const was = `${opened.bits}-bit vectors and ${opened.threads} threads`;
      throw new Error(`the wasm backend is already open with ${was}; choose others in a new process`);
    }
    await tf.setBackend("wasm");
  }
  return {
    name: "wasm",
    device: `CPU, WebAssembly, ${opened.bits}-bit vectors, ${opened.threads === 1 ? "one thread" : `${opened.threads} threads`}`,
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
    // Kernels have run to their end when a call returns, on all threads.
    synchronize: () => Promise.resolve(),
  };
}

export const wasm: BackendProvider = { name: "wasm", availability, open };
