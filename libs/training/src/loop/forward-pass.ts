import { setImmediate } from "node:timers/promises";
import type { BatchReader } from "../dataset/batch.ts";
import type { CostMeter, CostPhase } from "./cost.ts";
import type { Batch, Model } from "./model.ts";

/** Examples of one forward pass without gradient: many, since nothing is kept for a backward pass. */
export const forwardChunk = 256;

export interface ForwardPass {
  readonly model: Model;
  readonly reader: BatchReader;
  /** At least {@link forwardChunk} examples. */
  readonly memory: (size: number) => Batch;
  readonly meter: CostMeter;
  /** What the computation counts as; reading counts as data. */
  readonly phase: CostPhase;
  readonly signal: AbortSignal;
}

/**
 * Passes examples through the network in chunks and hands over each chunk's results. Between chunks the event loop runs (heartbeats go out) and
 * the signal is looked at.
 *
 * @param indices - examples of the reader's split, repetitions allowed.
 * @param use - receives the chunk's batch, its logits (size × classes) and the position of its first example in `indices`.
 */
export async function forwardAll(
  { model, reader, memory, meter, phase, signal }: ForwardPass,
  indices: Uint32Array,
  use: (batch: Batch, start: number, logits: Float32Array) => void | Promise<void>,
): Promise<void> {
  for (let start = 0; start < indices.length; start += forwardChunk) {
    signal.throwIfAborted();
    const chunk = indices.subarray(start, start + forwardChunk);
    const batch = memory(chunk.length);
    await meter.measure("data", () => reader.read(chunk, batch.inputs, batch.labels));
    await meter.measure(phase, async () => use(batch, start, await model.logits(batch)));
    await setImmediate();
  }
}
