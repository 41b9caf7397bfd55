import { performance } from "node:perf_hooks";
import type { Stepper } from "./steppers.ts";

export interface Measurement {
  /** Of all streams together. */
  readonly stepsPerSecond: number;
  /** Duration of a step, milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Lets all steppers step at once for `seconds`. */
export async function measure(steppers: readonly Stepper[], seconds: number): Promise<Measurement> {
  const durations: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  await Promise.all(
    steppers.map(async (stepper) => {
      for (let from = performance.now(); from < end; ) {
        await stepper.step();
        const now = performance.now();
        durations.push(now - from);
        from = now;
      }
    }),
  );
  const elapsed = performance.now() - started;
  durations.sort((a, b) => a - b);
  const quantile = (q: number) => durations[Math.min(durations.length - 1, Math.floor(q * durations.length))];
  return { stepsPerSecond: (1000 * durations.length) / elapsed, p50: quantile(0.5), p99: quantile(0.99) };
}

/** The measurement with the median rate: interleaved repetitions on a shared machine. */
export function medianOf(measurements: readonly Measurement[]): Measurement {
  const sorted = [...measurements].sort((a, b) => a.stepsPerSecond - b.stepsPerSecond);
  return sorted[Math.floor(sorted.length / 2)];
}
