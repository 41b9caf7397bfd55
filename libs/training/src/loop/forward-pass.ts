import { setImmediate } from "node:timers/promises";
import type { BatchReader } from "../dataset/batch.ts";
import type { CostMeter, CostPhase } from "./cost.ts";
import type { Batch, Model } from "./model.ts";

/** Examples of one forward pass without gradient: many, since nothing is kept for a backward pass. */
export const forwardChunk = 256;

export interface ForwardPass {
  readonly model: Model;
  readonly reader: BatchReader;
  /** For at least {@link forwardChunk} examples; two in turn: one is read into while the device works on the other. */
  readonly memory: (size: number) => Batch;
  readonly meter: CostMeter;
  /** What the computation counts as; reading counts as data. */
  readonly phase: CostPhase;
  readonly signal: AbortSignal;
}

/**
 * Passes examples through the network in chunks and hands over each chunk's results. The next chunk is read while the device works on the one at hand.
 * Between chunks the event loop runs (heartbeats go out) and
 * the signal is looked at.
 *
 * @param indices - examples of the reader's split, repetitions allowed.
 * @param use - receives the chunk's batch, its logits (size × classes) and the position of its first example in `indices`.
 * @param first - the first chunk, where {@link readChunk} has read it already.
 * @param forward - of the chunk whose first example has that position. @default evaluation's
 */
export async function forwardAll(
  pass: ForwardPass,
  indices: Uint32Array,
  use: (batch: Batch, start: number, logits: Float32Array) => void | Promise<void>,
  first?: Batch,
  forward = (batch: Batch, _start: number): Promise<Float32Array> => pass.model.logits(batch),
): Promise<void> {
  const { meter, phase, signal } = pass;
  if (indices.length === 0) return;
  let batch = first ?? (await meter.measure("data", () => readChunk(pass, indices, 0)));
  for (let start = 0; start < indices.length; start += forwardChunk) {
    signal.throwIfAborted();
    const current = batch;
    // In an object, so that it is not waited for yet. A processor has done the work by then, a GPU goes on.
    const { logits } = await meter.measure(phase, () => ({ logits: forward(current, start) }));
    logits.catch(() => {});
    const next = start + forwardChunk;
    if (next < indices.length) batch = await meter.measure("data", () => readChunk(pass, indices, next));
    await meter.measure(phase, async () => use(current, start, await logits));
    await setImmediate();
  }
}

/** Reads the chunk of `indices` that begins at `start`, as the images are. */
export function readChunk(
  { reader, memory }: Pick<ForwardPass, "reader" | "memory">,
  indices: Uint32Array,
  start: number,
): Batch {
  const chunk = indices.subarray(start, start + forwardChunk);
  const batch = memory(chunk.length);
  reader.read(chunk, batch.inputs, batch.labels);
  return batch;
}
