import type { JointGaussian, Matrix } from "@superbatch/linalg";
import { throwIfStopped } from "./control.ts";
import { extendGram } from "./extend.ts";
import type { Gram } from "./gram.ts";
import type { HyperparameterLayout } from "./hyperparameters.ts";
import { concatenateInputs, type Inputs, toInputs } from "./inputs.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import type { Approximation, FitControl, GpModel, HyperparameterSample } from "./model.ts";
import { type AnchorPosterior, anchorPosterior, type Conditioned, pointPosterior } from "./posterior.ts";
import type { ChainState } from "./slice-sampler.ts";
import { checkFinite, type Standardization, standardize } from "./standardization.ts";
import { taskCovariance } from "./task-kernel.ts";

/** All that a model is made of; observations are those it uses. */
export interface ModelParts {
  readonly layout: HyperparameterLayout;
  /** Observations given (more than x holds where the model is approximate). */
  readonly observations: number;
  readonly approximation: Approximation;
  readonly x: Inputs;
  /** In y's unit. */
  readonly y: Float64Array;
  readonly units: Standardization;
  readonly states: readonly ChainState[];
  /** One per state. */
  readonly grams: readonly Gram[];
}

export function createModel(parts: ModelParts): GpModel {
  const { layout, x, y, units, states, grams } = parts;
  const { dimensions } = layout.inputs;
  const samples: Conditioned[] = states.map(({ theta }, i) => ({ layout, theta, x, gram: grams[i]!, units }));
  let kept: { anchors: Matrix; posteriors: AnchorPosterior[] } | undefined;

  function posterior(anchors: Matrix, points: Matrix): JointGaussian[] {
    const inputs = toInputs(layout.inputs, points, "points");
    if (kept?.anchors !== anchors) {
      const anchorInputs = toInputs(layout.inputs, anchors, "anchors");
      kept = { anchors, posteriors: samples.map((sample) => anchorPosterior(sample, anchorInputs)) };
    }
    const { posteriors } = kept;
    return samples.map((sample, i) => pointPosterior(sample, posteriors[i]!, inputs));
  }

  function append(newX: Matrix, newY: Float64Array, control: FitControl = {}): GpModel {
    if (newX.rows !== newY.length) throw new RangeError(`x has ${newX.rows} rows, y ${newY.length} values`);
    checkFinite(newY, "y");
    const added = toInputs(layout.inputs, newX, "x");
    const allY = new Float64Array(y.length + newY.length);
    allY.set(y);
    allY.set(newY, y.length);
    const standardized = standardize(units, allY);
    const observations = parts.observations + newY.length;
    const { approximation } = parts;
    return createModel({
      ...parts,
      observations,
      approximation:
        approximation.kind === "exact"
          ? approximation
          : { kind: "subset", used: approximation.used + newY.length, observations },
      x: concatenateInputs(x, added),
      y: allY,
      grams: samples.map((sample) => {
        throwIfStopped(control);
        return extendGram(sample, added, standardized);
      }),
    });
  }

  return {
    dimensions,
    observations: parts.observations,
    approximation: parts.approximation,
    samples: states.map((state) => describe(layout, state, units)),
    jitter: grams.reduce((largest, { jitter }) => Math.max(largest, jitter), 0) * units.scale ** 2,
    warmStart: { names: layout.names, positions: states.map(({ theta }) => Array.from(theta)) },
    posterior,
    append,
    leaveOneOut: (control = {}) => leaveOneOut(samples, y, control),
  };
}

/** A sample in the caller's units, by name. */
function describe(
  layout: HyperparameterLayout,
  { theta, logDensity }: ChainState,
  units: Standardization,
): HyperparameterSample {
  const values: Record<string, number> = {};
  const square = units.scale ** 2;
  layout.names.forEach((name, i) => {
    if (i === layout.mean) values[name] = units.center + units.scale * theta[i]!;
    else if (i === layout.amplitude) values[name] = square * Math.exp(theta[i]!) * targetCovariance(layout, theta);
    else if (i === layout.noise) values[name] = square * Math.exp(theta[i]!);
    else if (name.startsWith("noiseSlope.") || name.endsWith(".l21")) values[name] = theta[i]!;
    else values[name] = Math.exp(theta[i]!);
  });
  return { logPosterior: logDensity, values };
}

/** Π k_T(1, 1): what the task kernels contribute to the variance at the targets. */
function targetCovariance(layout: HyperparameterLayout, theta: Float64Array): number {
  return layout.tasks.reduce(
    (product, task, f) => product * taskCovariance(task.basis, theta.subarray(layout.taskStart[f]), 1, 1),
    1,
  );
}
