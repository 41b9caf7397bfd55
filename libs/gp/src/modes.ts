import type { HyperparameterLayout } from "./hyperparameters.ts";
import { type Gaussian, laplace, unwhiten, unwhitenGradient, whiten } from "./laplace.ts";
import { type Differentiable, type Maximum, maximize } from "./maximize.ts";

/** Modes of a posterior of the hyperparameters, the best one first. */
export type Modes = readonly [Maximum, ...Maximum[]];

/** A mode, and a Gaussian around it that resembles the posterior: made when asked for. */
export interface GuidedMode {
  readonly mode: Maximum;
  guideTo(): Gaussian;
}

/** The posterior given a part of the data. */
export interface Pilot {
  readonly f: Differentiable;
  /** The part's share of all observations. */
  readonly share: number;
}

/** Nats: more precision than this does not change a prediction. */
const fine = 1e-4;

/** Nats, where the mode only guides a sampler, whose states lie p / 2 nats below it. */
export const coarse = 0.02;

/**
 * Modes of two ascents: from the priors' centers, and from a noisy, smooth explanation of the data, which is often a mode of its own
 * where data are few.
 */
export function coldModes(
  f: Differentiable,
  { priors, amplitude, noise }: HyperparameterLayout,
  tolerance = fine,
): Modes {
  const center = Float64Array.from(priors, (prior) => prior.center);
  const noisy = center.slice();
  for (let d = 0; d < amplitude; d++) noisy[d]! += Math.log(2);
  noisy[noise] = -1;
  const first = maximize(f, center, { tolerance });
  const second = maximize(f, noisy, { tolerance });
  return second.value > first.value ? [second, first] : [first, second];
}

/** The mode above the best of the given positions. @param positions - at least one */
export function warmModes(f: Differentiable, positions: readonly Float64Array[], tolerance = fine): Modes {
  return [maximize(f, bestOf(f, positions).theta, { tolerance })];
}

/**
 * The mode of a large data set's posterior, and a guide to it, by way of a part of the data, of which an evaluation costs little: the ascent on all data runs
 * in coordinates in which the part's posterior is round, so that few evaluations are needed; and the guide's shape is the part's.
 *
 * @param positions - where to begin: the last fit's; with none, the part's posterior is climbed as a cold start does
 */
export function pilotedMode(
  f: Differentiable,
  { f: pilot, share }: Pilot,
  layout: HyperparameterLayout,
  positions: readonly Float64Array[],
): GuidedMode {
  const [partMode] = positions.length > 0 ? warmModes(pilot, positions, coarse) : coldModes(pilot, layout, coarse);
  const guide = laplace(pilot, partMode.theta, layout.priors);
  const start = bestOf(f, [partMode.theta, ...positions.slice(-2)]);
  const inner = new Float64Array(start.theta.length);
  const round: Differentiable = (z, gradient) => {
    const value = f(unwhiten(guide, z), gradient && inner);
    gradient?.set(unwhitenGradient(guide, inner));
    return value;
  };
  const { theta: z, value } = maximize(round, whiten(guide, start.theta), { tolerance: coarse });
  const theta = unwhiten(guide, z);
  // The part's posterior is wider: by the root of the share where the data decide, not at all where the prior does.
  const width = share ** 0.25;
  const guideTo = () => ({
    mean: theta,
    root: guide.root.map((each) => each * width),
    inverseRoot: guide.inverseRoot.map((each) => each / width),
  });
  return { mode: { theta, value }, guideTo };
}

function bestOf(f: Differentiable, positions: readonly Float64Array[]): Maximum {
  return positions
    .map((theta) => ({ theta, value: f(theta) }))
    .reduce((best, each) => (each.value > best.value ? each : best));
}
