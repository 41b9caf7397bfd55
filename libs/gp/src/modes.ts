import type { HyperparameterLayout } from "./hyperparameters.ts";
import { laplace, unwhiten, unwhitenGradient } from "./laplace.ts";
import { type Differentiable, type Maximum, maximize } from "./maximize.ts";

/** Modes of a posterior of the hyperparameters, the best one first. */
export type Modes = readonly [Maximum, ...Maximum[]];

/** Nats: more precision than this changes neither a prediction nor a sampler's guide. */
const tolerance = 1e-4;

/**
 * Modes of two ascents: from the priors' centers, and from a noisy, smooth explanation of the data, which is often a mode of its own
 * where data are few.
 */
export function coldModes(f: Differentiable, { priors, amplitude, noise }: HyperparameterLayout): Modes {
  const center = Float64Array.from(priors, (prior) => prior.center);
  const noisy = center.slice();
  for (let d = 0; d < amplitude; d++) noisy[d]! += Math.log(2);
  noisy[noise] = -1;
  const first = maximize(f, center, { tolerance });
  const second = maximize(f, noisy, { tolerance });
  return second.value > first.value ? [second, first] : [first, second];
}

/**
 * The mode of a large data set's posterior, from that of a part of the data: the ascent runs in coordinates in which the part's posterior is round, so
 * that few of the costly evaluations are needed.
 */
export function pilotedModes(f: Differentiable, pilot: Differentiable, layout: HyperparameterLayout): Modes {
  const { theta } = coldModes(pilot, layout)[0];
  const guide = laplace(pilot, theta, layout.priors);
  const inner = new Float64Array(theta.length);
  const round: Differentiable = (z, gradient) => {
    const value = f(unwhiten(guide, z), gradient && inner);
    gradient?.set(unwhitenGradient(guide, inner));
    return value;
  };
  const { theta: z, value } = maximize(round, new Float64Array(theta.length), { tolerance });
  return [{ theta: unwhiten(guide, z), value }];
}

/** The mode above the best of the given positions. @param positions - at least one */
export function warmModes(f: Differentiable, positions: readonly Float64Array[]): Modes {
  let start = positions[0]!;
  let best = Number.NEGATIVE_INFINITY;
  for (const position of positions) {
    const value = f(position);
    if (value > best) {
      start = position;
      best = value;
    }
  }
  return [maximize(f, start, { tolerance })];
}
