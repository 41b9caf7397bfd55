// WebGPU in Node: Dawn (the npm package `webgpu`) under tfjs' webgpu backend. The road to GPUs of today.
import * as tf from "@tensorflow/tfjs-core";
import type { Availability, Backend, BackendProvider } from "../backend.ts";
import { locatePackage } from "./locate.ts";

const packages = ["webgpu", "@tensorflow/tfjs-backend-webgpu"] as const;
const install = "run `node libs/training/src/backend/webgpu/install.ts`, or use the backend wasm";

interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** Whether a processor plays the adapter. */
  readonly isFallbackAdapter?: boolean;
}

interface Gpu {
  requestAdapter(options?: object): Promise<{ readonly info: AdapterInfo } | null>;
}

interface Dawn {
  readonly globals: Record<string, unknown>;
  create(options: string[]): Gpu;
}

let gpu: Gpu | undefined;

/** Dawn as `navigator.gpu`, where tfjs looks for it. */
async function startDawn(): Promise<Gpu> {
  if (gpu !== undefined) return gpu;
  const dawn = (await import(locatePackage(packages[0])!)) as Dawn;
  Object.assign(globalThis, dawn.globals);
  gpu = dawn.create([]);
  Object.defineProperty(globalThis.navigator, "gpu", { value: gpu, configurable: true });
  return gpu;
}

async function availability(): Promise<Availability> {
  for (const name of packages) {
    if (locatePackage(name) === undefined) {
      return { available: false, reason: `the package ${name} is not installed`, remedy: install };
    }
  }
  const drivers = "install the Vulkan loader (Debian: libvulkan1) and the GPU's Vulkan driver, or use the backend wasm";
  try {
    const adapter = await (await startDawn()).requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) return { available: false, reason: "Dawn finds no adapter", remedy: drivers };
    const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
    const detail = [vendor, architecture, description].filter(Boolean).join(" ");
    const software = isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(detail);
    return { available: true, detail, accelerated: !software };
  } catch (error) {
    return { available: false, reason: `Dawn does not start: ${String(error)}`, remedy: drivers };
  }
}

async function open(): Promise<Backend> {
  const adapter = await availability();
  await import(locatePackage(packages[1])!);
  if (!(await tf.setBackend("webgpu"))) throw new Error("TensorFlow.js could not start its webgpu backend");
  await tf.ready();
  const queue = (tf.backend() as unknown as { readonly queue: { onSubmittedWorkDone(): Promise<void> } }).queue;
  return {
    name: "webgpu",
    device: adapter.available ? `WebGPU, ${adapter.detail}` : "WebGPU",
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
    synchronize: async () => {
      // Commands are recorded and submitted in batches; reading a value submits what is pending.
      const probe = tf.zeros([1]);
      await probe.data();
      probe.dispose();
      await queue.onSubmittedWorkDone();
    },
  };
}

export const webgpu: BackendProvider = { name: "webgpu", availability, open };
