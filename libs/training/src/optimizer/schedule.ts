/** How the learning rate changes over a run. */
export type Schedule =
  | { readonly kind: "constant" }
  | {
      /** Multiplied by `factor` at each of `drops` equally spaced moments: with 2 drops after one and two thirds of the run. */
      readonly kind: "step";
      /** In (0, 1]. */
      readonly factor: number;
      /** At least 1. */
      readonly drops: number;
    }
  /** Half a cosine, from the full rate to zero [Loshchilov & Hutter 2017, without restarts]. */
  | { readonly kind: "cosine" };

/**
 * @param progress - share of the run that is done, in [0, 1]: of its steps, or of its seconds.
 * @param warmup - share of the run during which the rate grows linearly from zero, in [0, 1). @default 0
 * @returns what the base learning rate is multiplied by.
 */
export function scheduleFactor(schedule: Schedule, progress: number, warmup = 0): number {
  const done = Math.min(1, Math.max(0, progress));
  return decay(schedule, done) * (done < warmup ? done / warmup : 1);
}

function decay(schedule: Schedule, done: number): number {
  switch (schedule.kind) {
    case "constant":
      return 1;
    case "step": {
      // The tolerance puts a step that falls on a boundary behind it, whatever rounding says.
      const dropped = Math.floor(done * (schedule.drops + 1) + 1e-9);
      return schedule.factor ** Math.min(schedule.drops, dropped);
    }
    case "cosine":
      return (1 + Math.cos(Math.PI * done)) / 2;
  }
}
