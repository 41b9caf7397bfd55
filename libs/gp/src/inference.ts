import type { Rng } from "@superbatch/random";
import { throwIfStopped } from "./control.ts";
import { laplace, widen } from "./laplace.ts";
import type { Likelihood } from "./likelihood.ts";
import type { Differentiable } from "./maximize.ts";
import type { FitControl, FitOptions } from "./model.ts";
import { coarse, coldModes, type GuidedMode, type Pilot, pilotedMode, warmModes } from "./modes.ts";
import { type ChainState, ellipticalStep, lineStep } from "./slice-sampler.ts";

/** A part of the data. */
export interface PilotData {
  readonly likelihood: Likelihood;
  /** Its share of all observations. */
  readonly share: number;
}

/** Above this many observations an evaluation is so costly, and the posterior so narrow, that fewer sweeps and samples are taken. */
const many = 500;

/**
 * Samples of the hyperparameters' posterior: the mode alone (`map`), or states of a Markov chain guided by Laplace's approximation at the mode
 * (`mcmc`). The chain starts at the warm start's last state, else at the mode. A sweep is one elliptical slice step and one along a line (which costs
 * twice as much, and is left out above 500 observations, where the guide rarely needs it).
 *
 * @param count - n, the observations: defaults of burn-in, thinning and samples spend less where an evaluation costs more
 * @param pilot - a part of the data, which finds the way at a small part of the cost
 * @returns one or more states, in the order of the chain.
 */
export function infer(
  likelihood: Likelihood,
  count: number,
  options: FitOptions,
  rng: Rng,
  control: FitControl = {},
  pilot?: PilotData,
): ChainState[] {
  const { priors } = likelihood.layout;
  const f = stoppable(likelihood, control);
  const warm = warmPositions(likelihood, options);
  const { mode, guideTo } = findMode(
    f,
    likelihood,
    options,
    warm,
    pilot && { ...pilot, f: stoppable(pilot.likelihood, control) },
  );
  if (options.inference === "map") return [{ theta: mode.theta, logDensity: mode.value }];
  const { samples = count > many ? 5 : 10, thinning = defaultThinning(count) } = options;
  const { burnIn = defaultBurnIn(count, warm.length > 0) } = options;
  const guide = guideTo();
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
    if (count <= many) state = lineStep(density, state, guide, spreads, rng);
    if (sweep > burnIn && (sweep - burnIn) % thinning === 0) states.push(state);
  }
  return states;
}

/** Sweeps between samples: about the autocorrelation time where that is cheap. */
function defaultThinning(count: number): number {
  if (count <= 200) return 6;
  return count <= many ? 3 : 1;
}

function defaultBurnIn(count: number, warm: boolean): number {
  if (count > many) return warm ? 2 : 4;
  return warm ? 4 : 20;
}

function stoppable(likelihood: Likelihood, control: FitControl): Differentiable {
  return (theta, gradient) => {
    throwIfStopped(control);
    return likelihood.logPosterior(theta, gradient);
  };
}

function findMode(
  f: Differentiable,
  { layout }: Likelihood,
  { inference }: FitOptions,
  warm: Float64Array[],
  pilot?: Pilot,
): GuidedMode {
  if (pilot) return pilotedMode(f, pilot, layout, warm);
  const tolerance = inference === "mcmc" ? coarse : undefined;
  const [mode, ...others] = warm.length > 0 ? warmModes(f, warm, tolerance) : coldModes(f, layout, tolerance);
  const guideTo = () => others.reduce((wide, other) => widen(wide, mode, other), laplace(f, mode.theta, layout.priors));
  return { mode, guideTo };
}

/** The warm start's positions, if it is of the same hyperparameters and finite. */
function warmPositions({ layout }: Likelihood, { warmStart }: FitOptions): Float64Array[] {
  if (!warmStart || warmStart.names.join("\n") !== layout.names.join("\n")) return [];
  return warmStart.positions
    .filter((position) => position.length === layout.names.length && position.every(Number.isFinite))
    .map((position) => Float64Array.from(position));
}
