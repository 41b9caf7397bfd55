// Tensors and scratch memory of the TensorFlow.js wasm backend, as addresses that our kernels understand.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { LinearMemory } from "./engine.ts";

/** The parts of tfjs' Emscripten module that are used here; tfjs' types keep them private. */
interface EmscriptenModule {
  /** In the build with shared memory, which imports it. */
  readonly wasmMemory?: LinearMemory;
  /** The module's exports, its memory among them in the other build. */
  readonly asm: { readonly memory: LinearMemory };
  _malloc(bytes: number): number;
  _free(address: number): void;
}

interface TensorData {
  readonly memoryOffset: number;
}

function moduleOf(backend: BackendWasm): EmscriptenModule {
  return backend.wasm as unknown as EmscriptenModule;
}

/** The linear memory that all tensors of the backend lie in. */
export function memoryOf(backend: BackendWasm): LinearMemory {
  const module = moduleOf(backend);
  return module.wasmMemory ?? module.asm.memory;
}

/** Byte address of a tensor's first value. It holds until the tensor is disposed; memory only grows in place. */
export function addressOf(backend: BackendWasm, tensor: TensorInfo): number {
  return (backend.dataIdMap.get(tensor.dataId) as TensorData).memoryOffset;
}

/**
 * Runs `use` with `bytes` of scratch memory from tfjs' own allocator, freed afterward.
 *
 * @throws {Error} where the 4 GiB of WebAssembly memory are full.
 */
export function withScratch<T>(backend: BackendWasm, bytes: number, use: (address: number) => T): T {
  const module = moduleOf(backend);
  const address = module._malloc(bytes) >>> 0;
  if (address === 0) throw new Error(`out of WebAssembly memory: ${bytes} bytes of scratch; use a smaller batch`);
  try {
    return use(address);
  } finally {
    module._free(address);
  }
}
