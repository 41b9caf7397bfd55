// Splits the work of one kernel among threads that share tfjs' memory. The calling thread takes the first part itself; the parts of the
// others are written down as lists of kernel calls, which they carry out (team-worker.ts).
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { LinearMemory, Module } from "./engine.ts";
import { instantiateKernels, type Kernels } from "./module.ts";

/** Part number `part` of the items, first ≤ item < last. It may only call kernels, not wait for their results. */
export type Part = (kernels: Kernels, first: number, last: number, part: number) => void;

export interface Team {
  /** The calling thread's kernels, for what is not split. */
  readonly kernels: Kernels;
  /** Threads, the calling one included. */
  readonly size: number;
  /**
   * In how many parts `items` should be done, at most one per thread.
   *
   * @param work - multiplications in all; a value that is only read and written counts as four. What is short is not worth waking anyone.
   */
  parts(items: number, work: number): number;
  /** Does all parts of 0, ..., items − 1, and returns when all are done. */
  run(parts: number, items: number, part: Part): void;
}

/** Work below this takes some tens of microseconds: as long as waking a thread. */
const worthSplitting = 1 << 20;

/** A team of one. */
export function createSoloTeam(kernels: Kernels): Team {
  return { kernels, size: 1, parts: () => 1, run: (_, items, part) => part(kernels, 0, items, 0) };
}

/** What a helper's thread gets. All words of `control` are used with Atomics. */
export interface HelperData {
  readonly module: Module;
  readonly memory: LinearMemory;
  /** Numbers that describe calls: a kernel's index in `names`, how many arguments, the arguments. */
  readonly calls: Float64Array<SharedArrayBuffer>;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly names: readonly string[];
}

/** Words of `control`: number of the list that is to be done, its length, number of the list that is done, whether it failed. */
export const controlWords = { asked: 0, length: 1, done: 2, failed: 3 } as const;

interface Helper {
  /** Kernels that only write down what they are called with. */
  readonly recorder: Kernels;
  start(): void;
  finish(): void;
}

/** Polls of a shared word before sleeping on it: some tens of microseconds, about a kernel's length. */
export const polls = 20_000;

/** Numbers that one list of calls may take; a longer one is begun early. */
const listLength = 1 << 16;

async function createHelper(module: Module, memory: LinearMemory, names: readonly string[]): Promise<Helper> {
  const calls = new Float64Array(new SharedArrayBuffer(listLength * 8));
  const control = new Int32Array(new SharedArrayBuffer(4 * 4));
  const workerData: HelperData = { module, memory, calls, control, names };
  const worker = new Worker(new URL("./team-worker.ts", import.meta.url), { workerData });
  await once(worker, "message");
  worker.unref();
  let length = 0;
  let running = false;
  const start = () => {
    Atomics.store(control, controlWords.length, length);
    Atomics.add(control, controlWords.asked, 1);
    Atomics.notify(control, controlWords.asked);
    length = 0;
    running = true;
  };
  const finish = () => {
    if (!running) return;
    const asked = Atomics.load(control, controlWords.asked);
    for (let i = 0; Atomics.load(control, controlWords.done) !== asked; i++) {
      if (i >= polls) Atomics.wait(control, controlWords.done, asked - 1);
    }
    running = false;
    if (Atomics.load(control, controlWords.failed) !== 0) throw new Error("a training thread failed in a kernel");
  };
  const record = (index: number, values: readonly unknown[]) => {
    if (length + values.length + 2 > listLength) {
      start();
      finish();
    }
    calls[length++] = index;
    calls[length++] = values.length;
    for (const value of values) calls[length++] = Number(value);
  };
  const recorder = Object.fromEntries(
    names.map((name, index) => [name, (...values: readonly unknown[]) => record(index, values)]),
  );
  return { recorder: recorder as unknown as Kernels, start, finish };
}

/** Starts `size` − 1 helpers, which end with the process. @param memory - shared between threads. */
export async function createTeam(module: Module, memory: LinearMemory, size: number): Promise<Team> {
  const kernels = instantiateKernels(module, memory);
  const names = Object.keys(kernels);
  const helpers = await Promise.all(Array.from({ length: size - 1 }, () => createHelper(module, memory, names)));
  return {
    kernels,
    size,
    parts: (items, work) => (work < worthSplitting ? 1 : Math.max(1, Math.min(items, size))),
    run(parts, items, part) {
      const bound = (index: number) => Math.floor((index * items) / parts);
      for (let index = 1; index < parts; index++) {
        const { recorder, start } = helpers[index - 1];
        part(recorder, bound(index), bound(index + 1), index);
        start();
      }
      part(kernels, 0, bound(1), 0);
      for (let index = 1; index < parts; index++) helpers[index - 1].finish();
    },
  };
}
