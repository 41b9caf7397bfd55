import type { Rng } from "@superbatch/random";
import { throwIfStopped } from "./control.ts";
import { createModel } from "./gp-model.ts";
import { type HyperparameterLayout, hyperparameterLayout } from "./hyperparameters.ts";
import { infer, type PilotData } from "./inference.ts";
import { type Inputs, inputLayout, selectInputs, toInputs } from "./inputs.ts";
import { createLikelihood } from "./likelihood.ts";
import type { FitControl, FitOptions, GpData, GpModel } from "./model.ts";
import { checkFinite, standardization, standardize } from "./standardization.ts";
import { chooseSubset } from "./subset.ts";

/**
 * Fits a Gaussian process to observations: a Matérn 5/2 kernel with one length scale per dimension, times a task kernel per fidelity,
 * constant mean, Gaussian noise (algorithms: section 2). No observations give the prior. Duplicated, constant or badly scaled data
 * never fail: jitter grows as far as needed and is reported.
 *
 * @throws {RangeError} naming the element if a value of y is not finite, a value of x is infinite, or NaN in a dimension without
 *   condition; or if shapes or options do not fit.
 * @throws an error of name AbortError when `control.shouldStop` answered true.
 */
export function fitGp(data: GpData, options: FitOptions, rng: Rng, control: FitControl = {}): GpModel {
  checkOptions(options);
  if (data.x.rows !== data.y.length) {
    throw new RangeError(`x has ${data.x.rows} rows, y ${data.y.length} values`);
  }
  checkFinite(data.y, "y");
  const inputs = inputLayout(data.dimensions, options.fidelityKernel !== "task");
  const all = toInputs(inputs, data.x, "x");
  const observations = data.y.length;
  const limit = options.maxObservations ?? 2000;
  const poll = () => throwIfStopped(control);
  const indices =
    observations > limit ? chooseSubset(all, data.y, limit, options.output === "objective", poll) : undefined;
  const x = indices ? selectInputs(all, indices) : all;
  const y = indices ? Float64Array.from(indices, (i) => data.y[i]!) : data.y;
  const units = standardization(y);
  const hint = data.noiseHint === undefined ? undefined : data.noiseHint / units.scale;
  const layout = hyperparameterLayout(inputs, options, hint);
  const standardized = standardize(units, y);
  const likelihood = createLikelihood(layout, x, standardized);
  const states = infer(likelihood, y.length, options, rng, control, pilotData(layout, x, standardized));
  return createModel({
    layout,
    observations,
    approximation: indices ? { kind: "subset", used: indices.length, observations } : { kind: "exact" },
    x,
    y,
    units,
    states,
    grams: states.map(({ theta }) => {
      poll();
      return likelihood.gram(theta);
    }),
  });
}

/** Above 400 observations: about 250, evenly taken, which find the way at a small part of the cost. */
function pilotData(layout: HyperparameterLayout, x: Inputs, y: Float64Array): PilotData | undefined {
  if (x.count <= 400) return undefined;
  const indices = Array.from({ length: 250 }, (_, i) => Math.floor((i * x.count) / 250));
  const values = Float64Array.from(indices, (i) => y[i]!);
  return { likelihood: createLikelihood(layout, selectInputs(x, indices), values), share: indices.length / x.count };
}

function checkOptions(options: FitOptions): void {
  if (options.inputWarping && options.kernel === "matern52-product") {
    throw new RangeError("inputWarping is not available with the kernel matern52-product");
  }
  const whole = { samples: 1, burnIn: 0, thinning: 1, maxObservations: 1 } as const;
  for (const [name, least] of Object.entries(whole)) {
    const value = options[name as keyof typeof whole];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`);
    }
  }
}
