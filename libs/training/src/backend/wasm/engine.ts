// The few parts of the WebAssembly interface that are used here, typed: Node's types leave them to the browser's.

export interface LinearMemory {
  readonly buffer: ArrayBuffer;
}

/** A compiled module; opaque. */
export type Module = { readonly module: unique symbol };

interface WasmEngine {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  readonly Instance: new (
    module: Module,
    imports: Record<string, Record<string, unknown>>,
  ) => { readonly exports: Record<string, unknown> };
}

export const engine = (globalThis as unknown as { readonly WebAssembly: WasmEngine }).WebAssembly;
