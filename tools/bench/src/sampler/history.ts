import { performance } from "node:perf_hooks";
import { createLossHistory } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import { batchSize } from "./steppers.ts";

export interface HistoryMeasurement {
  readonly examples: number;
  readonly mebibytes: number;
  readonly bytesPerExample: number;
  /** Time to draw one example, microseconds. */
  readonly draw: number;
  /** Time to record one loss, microseconds. */
  readonly record: number;
}

/** Draws and records mini-batches of a loss history over `examples`, as a session with that scheme does. */
export function measureHistory(examples: number, steps: number): HistoryMeasurement {
  const history = createLossHistory(examples, 0.1, (2 * examples) / batchSize);
  const rng = createRng(1);
  const ranges = [{ start: 0, end: examples }];
  const weights = new Float64Array(batchSize).fill(1);
  const losses = new Float32Array(batchSize);
  const warm = Math.floor(steps / 5);
  let [draw, record] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    const { indices } = history.draw(batchSize, step, ranges, rng);
    const drawn = performance.now();
    for (let k = 0; k < batchSize; k++) losses[k] = rng.uniform() * 4;
    const before = performance.now();
    history.record(indices, losses, weights, step);
    if (step < warm) continue;
    draw += drawn - start;
    record += performance.now() - before;
  }
  const each = 1000 / ((steps - warm) * batchSize);
  return {
    examples,
    mebibytes: history.bytes / 2 ** 20,
    bytesPerExample: history.bytes / examples,
    draw: draw * each,
    record: record * each,
  };
}
