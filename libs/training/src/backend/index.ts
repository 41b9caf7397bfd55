// Opening a tfjs backend by name, or the best one of this machine.
import {
  type Availability,
  type Backend,
  type BackendName,
  type BackendOptions,
  type BackendProvider,
  backendNames,
} from "./backend.ts";
import { registerGradients } from "./gradients.ts";
import { tensorflow } from "./tensorflow/provider.ts";
import { wasm } from "./wasm/provider.ts";
import { webgpu } from "./webgpu/provider.ts";

export type { Availability, Backend, BackendName, BackendOptions } from "./backend.ts";
export { backendNames } from "./backend.ts";
export * from "./ops.ts";

const providers: Record<BackendName, BackendProvider> = { tensorflow, webgpu, wasm };

export type BackendDescription = { readonly name: BackendName } & Availability;

/** Tells for each backend whether it can run here, and otherwise what to do. */
export async function describeBackends(): Promise<BackendDescription[]> {
  return Promise.all(backendNames.map(async (name) => ({ name, ...(await providers[name].availability()) })));
}

/**
 * Makes a backend tfjs' active one and registers all gradients. tfjs has one active backend per process; opening another
 * replaces it, and tensors stay usable.
 *
 * @param name - `auto` takes one that runs on a GPU, else `wasm`.
 * @throws {Error} naming the reason and the remedy where the backend cannot run.
 */
export async function openBackend(name: BackendName | "auto", options: BackendOptions = {}): Promise<Backend> {
  await registerGradients();
  return open(name === "auto" ? await bestBackend() : name, options);
}

/**
 * What `auto` takes: a GPU first; on a processor our kernels, which are faster than TensorFlow's own there; else whatever runs.
 *
 * @returns undefined if nothing runs.
 */
export function chooseBackend(descriptions: readonly BackendDescription[]): BackendName | undefined {
  const available = descriptions.filter((description) => description.available);
  const best =
    available.find(({ accelerated }) => accelerated) ?? available.find(({ name }) => name === "wasm") ?? available[0];
  return best?.name;
}

async function bestBackend(): Promise<BackendName> {
  const best = chooseBackend(await describeBackends());
  if (best === undefined) throw new Error("no backend can run here; `trainer describe` tells why for each");
  return best;
}

async function open(name: BackendName, options: BackendOptions): Promise<Backend> {
  const availability = await providers[name].availability();
  if (!availability.available) {
    throw new Error(`backend ${name} is unavailable: ${availability.reason}; ${availability.remedy}`);
  }
  return providers[name].open(options);
}
