import type { Rng } from "@superbatch/random";
import { laplace, widen } from "./laplace.ts";
import type { Likelihood } from "./likelihood.ts";
import { type Maximum, maximize } from "./maximize.ts";
import type { FitControl, FitOptions } from "./model.ts";
import { type ChainState, ellipticalStep, lineStep } from "./slice-sampler.ts";

/**
 * Samples of the hyperparameters' posterior: the mode alone (`map`), or states of a Markov chain that starts at the mode and is guided by
 * Laplace's approximation there (`mcmc`). A sweep is one elliptical slice step and one along a line.
 *
 * @returns one or more states, in the order of the chain.
 */
export function infer(likelihood: Likelihood, options: FitOptions, rng: Rng, control: FitControl = {}): ChainState[] {
  const { priors } = likelihood.layout;
  const f = (theta: Float64Array, gradient?: Float64Array) => {
    if (control.shouldStop?.()) throw Object.assign(new Error("the fit was stopped"), { name: "AbortError" });
    return likelihood.logPosterior(theta, gradient);
  };
  const warm = warmPositions(likelihood, options);
  const [mode, ...others] = findModes(f, likelihood, warm);
  if (options.inference === "map") return [{ theta: mode.theta, logDensity: mode.value }];
  const { samples = 10, thinning = 3, burnIn = warm.length > 0 ? 4 : 20 } = options;
  const guide = others.reduce((wide, other) => widen(wide, mode, other), laplace(f, mode.theta, priors));
  const density = (theta: Float64Array) => f(theta);
  const spreads = priors.map(({ spread }) => spread);
  let state: ChainState = { theta: mode.theta, logDensity: mode.value };
  const states: ChainState[] = [];
  for (let sweep = 1; states.length < samples; sweep++) {
    state = ellipticalStep(density, state, guide, rng);
    state = lineStep(density, state, guide, spreads, rng);
    if (sweep > burnIn && (sweep - burnIn) % thinning === 0) states.push(state);
  }
  return states;
}

type Objective = (theta: Float64Array, gradient?: Float64Array) => number;

/**
 * Modes of two ascents, the better one first: from the priors' centers, and from a noisy, smooth explanation of the data, which is often
 * a mode of its own where data are few. With a warm start, one mode: that above its best position.
 */
function findModes(f: Objective, { layout }: Likelihood, warm: readonly Float64Array[]): [Maximum, ...Maximum[]] {
  if (warm.length > 0) {
    const values = warm.map((theta) => f(theta));
    return [maximize(f, warm[values.indexOf(Math.max(...values))] ?? warm[0]!)];
  }
  const center = Float64Array.from(layout.priors, (prior) => prior.center);
  const noisy = center.slice();
  for (let d = 0; d < layout.amplitude; d++) noisy[d]! += Math.log(2);
  noisy[layout.noise] = -1;
  const first = maximize(f, center);
  const second = maximize(f, noisy);
  return second.value > first.value ? [second, first] : [first, second];
}

/** The warm start's positions, if it is of the same hyperparameters and finite. */
function warmPositions({ layout }: Likelihood, { warmStart }: FitOptions): Float64Array[] {
  if (!warmStart || warmStart.names.join("\n") !== layout.names.join("\n")) return [];
  return warmStart.positions
    .filter((position) => position.length === layout.names.length && position.every(Number.isFinite))
    .map((position) => Float64Array.from(position));
}
