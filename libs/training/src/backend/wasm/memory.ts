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

/** Bytes that one allocation may have: the allocator takes more for a negative number. */
const largest = 2 ** 31 - 1;
const addressable = 2 ** 32;
/** What the module allocates for itself, unseen by us. */
const unseen = 64 * 2 ** 20;
/** Live bytes up to which a request that the end of memory cannot take is trusted to fit into a hole. */
const trusted = 3 * 2 ** 30;

/**
 * Makes every allocation that cannot succeed throw, before it is tried. tfjs does not look at what it gets, and the module's allocator, once it
 * is asked to grow beyond 4 GiB, wraps around and hands out memory that is in use.
 */
export function guardMemory(backend: BackendWasm): void {
  const module = moduleOf(backend);
  // Emscripten's functions replace themselves on their first call.
  module._free(module._malloc(16));
  const { _malloc: allocate, _free: release } = module;
  const sizes = new Map<number, number>();
  let live = 0;
  let highest = 0;
  module._malloc = (bytes) => {
    const fits = bytes <= largest && (highest + bytes + unseen <= addressable || live + bytes <= trusted);
    const address = fits ? allocate(bytes) >>> 0 : 0;
    if (address === 0 && bytes > 0) {
      const [wanted, used] = [bytes, live].map((value) => `${Math.ceil(value / 2 ** 20)} MiB`);
      throw new Error(
        `out of WebAssembly memory: no room for ${wanted} beside ${used}; use a smaller batch or network`,
      );
    }
    sizes.set(address, bytes);
    live += bytes;
    highest = Math.max(highest, address + bytes);
    return address;
  };
  module._free = (address) => {
    const start = address >>> 0;
    live -= sizes.get(start) ?? 0;
    sizes.delete(start);
    release(address);
  };
}

/**
 * Runs `use` with `bytes` of scratch memory from tfjs' own allocator, freed afterward.
 *
 * @throws {Error} where the 4 GiB of WebAssembly memory are full.
 */
export function withScratch<T>(backend: BackendWasm, bytes: number, use: (address: number) => T): T {
  const module = moduleOf(backend);
  const address = module._malloc(bytes) >>> 0;
  try {
    return use(address);
  } finally {
    module._free(address);
  }
}
