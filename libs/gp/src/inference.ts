import type { Rng } from "@superbatch/random";
import { laplace, widen } from "./laplace.ts";
import type { Likelihood } from "./likelihood.ts";
import type { Differentiable } from "./maximize.ts";
import type { FitControl, FitOptions } from "./model.ts";
import { coldModes, type Modes, pilotedModes, warmModes } from "./modes.ts";
import { type ChainState, ellipticalStep, lineStep } from "./slice-sampler.ts";

/**
 * Samples of the hyperparameters' posterior: the mode alone (`map`), or states of a Markov chain guided by Laplace's approximation at the mode
 * (`mcmc`). The chain starts at the warm start's last state, else at the mode. A sweep is one elliptical slice step and one along a line (every
 * other sweep above 500 observations).
 *
 * @param count - n, the observations: defaults of burn-in and thinning spend less where an evaluation costs more
 * @param pilot - the likelihood of a part of the data, on which a cold start finds its way first
 * @returns one or more states, in the order of the chain.
 */
export function infer(
  likelihood: Likelihood,
  count: number,
  options: FitOptions,
  rng: Rng,
  control: FitControl = {},
  pilot?: Likelihood,
): ChainState[] {
  const { priors } = likelihood.layout;
  const f = stoppable(likelihood, control);
  const warm = warmPositions(likelihood, options);
  const [mode, ...others] = findModes(f, likelihood, warm, pilot && stoppable(pilot, control));
  if (options.inference === "map") return [{ theta: mode.theta, logDensity: mode.value }];
  const { samples = 10, thinning = defaultThinning(count) } = options;
  const { burnIn = warm.length > 0 ? 4 : count > 500 ? 8 : 20 } = options;
  const guide = others.reduce((wide, other) => widen(wide, mode, other), laplace(f, mode.theta, priors));
  const density = (theta: Float64Array) => f(theta);
  const spreads = priors.map(({ spread }) => spread);
  let state: ChainState = { theta: mode.theta, logDensity: mode.value };
  const last = warm.at(-1);
  if (last) {
    // A typical state lies p / 2 nats below the mode. New data may have left the old state far behind.
    const logDensity = f(last);
    if (logDensity > mode.value - 2 * priors.length) state = { theta: last, logDensity };
  }
  const states: ChainState[] = [];
  for (let sweep = 1; states.length < samples; sweep++) {
    state = ellipticalStep(density, state, guide, rng);
    // A line step costs twice an elliptical one, and with many observations the guide rarely needs it.
    if (count <= 500 || sweep % 2 === 1) state = lineStep(density, state, guide, spreads, rng);
    if (sweep > burnIn && (sweep - burnIn) % thinning === 0) states.push(state);
  }
  return states;
}

/** Sweeps between samples: about the autocorrelation time where that is cheap. */
function defaultThinning(count: number): number {
  if (count <= 200) return 6;
  return count <= 500 ? 3 : 1;
}

function stoppable(likelihood: Likelihood, control: FitControl): Differentiable {
  return (theta, gradient) => {
    if (control.shouldStop?.()) throw Object.assign(new Error("the fit was stopped"), { name: "AbortError" });
    return likelihood.logPosterior(theta, gradient);
  };
}

function findModes(f: Differentiable, { layout }: Likelihood, warm: Float64Array[], pilot?: Differentiable): Modes {
  if (warm.length > 0) return warmModes(f, warm);
  if (!pilot) return coldModes(f, layout);
  return pilotedModes(f, pilot, layout);
}

/** The warm start's positions, if it is of the same hyperparameters and finite. */
function warmPositions({ layout }: Likelihood, { warmStart }: FitOptions): Float64Array[] {
  if (!warmStart || warmStart.names.join("\n") !== layout.names.join("\n")) return [];
  return warmStart.positions
    .filter((position) => position.length === layout.names.length && position.every(Number.isFinite))
    .map((position) => Float64Array.from(position));
}
