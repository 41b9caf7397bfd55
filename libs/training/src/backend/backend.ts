// What a tfjs backend is to the rest of the suite, and to whoever adds one.

export const backendNames = ["tensorflow", "webgpu", "wasm"] as const;
export type BackendName = (typeof backendNames)[number];

/** An open backend: tfjs' active one from now on. */
export interface Backend {
  readonly name: BackendName;
  /** What computes, in words: for logs and for `describe`. */
  readonly device: string;
  /** Tensors alive, and bytes that they occupy on the device. */
  memory(): { readonly tensors: number; readonly bytes: number };
  /** Resolves when the device has finished all that was asked of it: call it before reading a clock. */
  synchronize(): Promise<void>;
}

export interface BackendOptions {
  /**
   * Registers that the wasm kernels are compiled for; `auto` takes the faster one, after checking that both agree bit for bit.
   * 256 pairs operations by an optimization of V8 that needs AVX2.
   *
   * @default "auto"
   */
  readonly vectorBits?: 128 | 256 | "auto";
  /**
   * Threads among which the wasm backend splits its kernels, this one included. Results depend on it in the last bits, since
   * sums over a batch are split too. The other backends choose for themselves.
   *
   * @default 1
   */
  readonly threads?: number;
}

/** Whether a backend can run here. */
export type Availability =
  | {
      readonly available: true;
      readonly detail: string;
      /** Whether a GPU computes; a software adapter is none. */
      readonly accelerated: boolean;
    }
  | { readonly available: false; readonly reason: string; readonly remedy: string };

/** One way to compute. Implementations load their packages lazily, and do nothing on import. */
export interface BackendProvider {
  readonly name: BackendName;
  /** Looks without opening: must be quick, must not throw, and must leave tfjs' active backend as it is. */
  availability(): Promise<Availability>;
  /** Makes it tfjs' active backend. Idempotent. @throws {Error} with a remedy, where it is unavailable. */
  open(options: BackendOptions): Promise<Backend>;
}
