import type { Rng } from "@superbatch/random";
import { type Gaussian, unwhiten, whiten } from "./laplace.ts";

/** Log density up to a constant; −∞ outside the support. */
export type LogDensity = (theta: Float64Array) => number;

/** A state of the chain and its log density. */
export interface ChainState {
  readonly theta: Float64Array;
  readonly logDensity: number;
}

/** Degrees of freedom of the elliptical step's t distribution: heavier tails than a posterior's, so that no direction is left slowly. */
const degreesOfFreedom = 5;

/**
 * One step of generalized elliptical slice sampling (Nishihara, Murray & Adams 2014): the target is written as a multivariate t around
 * `guide` times a remainder, and the new state lies on an ellipse through the old one. Exact whatever the guide; independent of the
 * old state, nearly, where the guide is good. Takes about 2 evaluations.
 */
export function ellipticalStep(f: LogDensity, state: ChainState, guide: Gaussian, rng: Rng): ChainState {
  const p = state.theta.length;
  const nu = degreesOfFreedom;
  const z = whiten(guide, state.theta);
  const logRemainder = (logDensity: number, w: Float64Array) =>
    logDensity + ((nu + p) / 2) * Math.log1p(squaredNorm(w) / nu);
  // t = a scale mixture of Gaussians: given the state, the scale has an inverse gamma distribution.
  const scale = Math.sqrt((nu + squaredNorm(z)) / 2 / gammaHalves(nu + p, rng));
  const other = new Float64Array(p).map(() => scale * rng.normal());
  const level = logRemainder(state.logDensity, z) + Math.log(1 - rng.uniform());
  let angle = rng.uniform() * 2 * Math.PI;
  let low = angle - 2 * Math.PI;
  let high = angle;
  const w = new Float64Array(p);
  for (;;) {
    for (let i = 0; i < p; i++) w[i] = z[i]! * Math.cos(angle) + other[i]! * Math.sin(angle);
    const theta = unwhiten(guide, w);
    const logDensity = f(theta);
    if (logRemainder(logDensity, w) > level) return { theta, logDensity };
    if (angle < 0) low = angle;
    else high = angle;
    // The bracket shrinks around the old state, whose own value is above the level up to round-off.
    if (high - low < 1e-10) return state;
    angle = low + rng.uniform() * (high - low);
  }
}

/**
 * One slice-sampling step along a line (Neal 2003, stepping out and shrinkage): half of the time along a random direction scaled by `guide`, half
 * along one coordinate scaled by its prior's spread, which finds its way where the guide is poor. Takes about 5 evaluations.
 *
 * @param spreads - p: scale of each hyperparameter's prior
 */
export function lineStep(
  f: LogDensity,
  state: ChainState,
  guide: Gaussian,
  spreads: ArrayLike<number>,
  rng: Rng,
): ChainState {
  const step = rng.integer(2) ? guidedDirection(guide, rng) : coordinateDirection(spreads, rng);
  const at = (t: number): ChainState => {
    const theta = state.theta.map((v, i) => v + t * step[i]!);
    return { theta, logDensity: f(theta) };
  };
  const level = state.logDensity + Math.log(1 - rng.uniform());
  const width = 3;
  let low = -width * rng.uniform();
  let high = low + width;
  let stepsDown = rng.integer(4);
  let stepsUp = 3 - stepsDown;
  while (stepsDown-- > 0 && at(low).logDensity > level) low -= width;
  while (stepsUp-- > 0 && at(high).logDensity > level) high += width;
  for (;;) {
    const t = low + rng.uniform() * (high - low);
    const next = at(t);
    if (next.logDensity > level) return next;
    if (t < 0) low = t;
    else high = t;
    if (high - low < 1e-10) return state;
  }
}

function guidedDirection(guide: Gaussian, rng: Rng): Float64Array {
  const direction = guide.mean.map(() => rng.normal());
  const norm = Math.sqrt(squaredNorm(direction));
  const step = unwhiten(
    guide,
    direction.map((v) => (norm > 0 ? v / norm : 0)),
  );
  return step.map((v, i) => v - guide.mean[i]!);
}

function coordinateDirection(spreads: ArrayLike<number>, rng: Rng): Float64Array {
  const step = new Float64Array(spreads.length);
  const i = rng.integer(spreads.length);
  step[i] = spreads[i]!;
  return step;
}

/** A draw from the gamma distribution of shape k/2 and scale 1 (half a chi-square of k degrees of freedom). */
function gammaHalves(k: number, rng: Rng): number {
  let sum = 0;
  for (let i = 0; i < k; i++) sum += rng.normal() ** 2 / 2;
  return sum;
}

function squaredNorm(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * v[i]!;
  return sum;
}
