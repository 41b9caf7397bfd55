import { readFileSync } from "node:fs";
import { matrixFromRows } from "@superbatch/linalg";
import type { Dimension, FidelityBasis } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { createModel } from "./gp-model.ts";
import { hyperparameterLayout, logPrior } from "./hyperparameters.ts";
import { inputLayout, toInputs } from "./inputs.ts";
import { createLikelihood } from "./likelihood.ts";
import type { FitOptions, KernelName } from "./model.ts";

/** A case of testdata/generate.py. */
interface Case {
  readonly name: string;
  readonly kernel: KernelName;
  readonly amplitude: number;
  readonly noise: number;
  readonly logLikelihood: number;
  readonly x: number[][];
  readonly y: number[];
  readonly points: number[][];
  readonly lengthScales: number[];
  readonly covariance: number[][];
}

interface LibraryCase extends Case {
  readonly gradient: number[];
  readonly mean: number[];
}

interface TaskCase extends Case {
  readonly basis: FidelityBasis | "cost";
  readonly slope: number;
  readonly mean: number;
  readonly task: number[];
  readonly predicted: number[];
  readonly leaveOneOutMean: number[];
  readonly leaveOneOutVariance: number[];
}

const golden: { library: LibraryCase[]; task: TaskCase[] } = JSON.parse(
  readFileSync(new URL("../testdata/golden.json", import.meta.url), "utf8"),
);
const units = { center: 0, scale: 1 };

/** A model under given hyperparameters, without inference. */
function model(
  dimensions: readonly Dimension[],
  options: FitOptions,
  rows: number[][],
  values: number[],
  theta: number[],
) {
  const inputs = inputLayout(dimensions);
  const layout = hyperparameterLayout(inputs, options, undefined);
  const x = toInputs(inputs, matrixFromRows(rows), "x");
  const y = Float64Array.from(values);
  const likelihood = createLikelihood(layout, x, y);
  const position = Float64Array.from(theta);
  const gradient = new Float64Array(theta.length);
  const priorGradient = new Float64Array(theta.length);
  const logLikelihood = likelihood.logPosterior(position, gradient) - logPrior(layout, position, priorGradient);
  const gp = createModel({
    layout,
    observations: values.length,
    approximation: { kind: "exact" },
    x,
    y,
    units,
    states: [{ theta: position, logDensity: 0 }],
    grams: [likelihood.gram(position)],
  });
  return { layout, gp, logLikelihood, gradient: gradient.map((v, i) => v - priorGradient[i]!) };
}

const numeric = (count: number): Dimension[] =>
  Array.from({ length: count }, (_, i) => ({ name: `x${i}`, kind: "numeric" }));

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-9) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance * Math.max(1, Math.abs(expected[i]!)));
  }
}

describe("agreement with scikit-learn", () => {
  it.each(golden.library)("$name: likelihood, gradient, posterior", (c) => {
    const d = c.lengthScales.length;
    const theta = [...c.lengthScales.map(Math.log), Math.log(c.amplitude), Math.log(c.noise), 0];
    const options: FitOptions = { output: "objective", inference: "map", kernel: c.kernel };
    const { gp, logLikelihood, gradient } = model(numeric(d), options, c.x, c.y, theta);
    expectClose([logLikelihood], [c.logLikelihood]);
    expectClose(gradient.subarray(0, d + 2), c.gradient);
    const points = matrixFromRows(c.points);
    const [joint] = gp.posterior(points, points);
    expectClose(joint!.mean, c.mean);
    expectClose(joint!.anchorMean, c.mean);
    expectClose(joint!.anchorCovariance.data, c.covariance.flat());
    expectClose(joint!.cross.data, c.covariance.flat());
    expectClose(
      joint!.variance,
      c.covariance.map((row, i) => row[i]!),
    );
  });

  it.each(golden.task)("task kernel $name", (c) => {
    const d = c.lengthScales.length - 1;
    const cost = c.basis === "cost";
    const dimensions: Dimension[] = [
      ...numeric(d),
      { name: "category", kind: "categorical", categories: 3 },
      { name: "s", kind: "fidelity", basis: c.basis === "cost" ? "fabolas" : c.basis },
    ];
    const task = c.task.map((v, i) => (c.basis !== "exponential" && i === 0 ? v : Math.log(v)));
    const theta = [...c.lengthScales.map(Math.log), Math.log(c.amplitude), Math.log(c.noise), c.slope, c.mean, ...task];
    const output = cost ? "log-cost" : "objective";
    const options: FitOptions = { output, inference: "map", kernel: c.kernel, fidelityNoise: true };
    const { gp, logLikelihood } = model(dimensions, options, c.x, c.y, theta);
    expectClose([logLikelihood], [c.logLikelihood]);
    const points = matrixFromRows(c.points);
    const [joint] = gp.posterior(points, points);
    expectClose(joint!.mean, c.predicted);
    expectClose(joint!.cross.data, c.covariance.flat());
    const loo = gp.leaveOneOut();
    expectClose(loo.mean, c.leaveOneOutMean);
    expectClose(loo.variance, c.leaveOneOutVariance);
  });
});

describe("reference values of the documentation (three points, no task kernel)", () => {
  const theta = [Math.log(0.4), Math.log(0.7), Math.log(1.3), Math.log(0.01), 0.1];
  const rows = [
    [0.1, 0.2],
    [0.5, 0.9],
    [0.8, 0.4],
  ];
  const { gp, logLikelihood, gradient } = model(
    numeric(2),
    { output: "objective", inference: "map" },
    rows,
    [0.3, -0.7, 0.5],
    theta,
  );

  it("likelihood and gradient", () => {
    expectClose([logLikelihood], [-3.6078408776], 1e-10);
    expectClose(gradient.subarray(0, 4), [-0.013987, -0.194042, -0.852517, -0.004716], 1e-6);
  });

  it("posterior", () => {
    const points = matrixFromRows([
      [0.3, 0.5],
      [0.8, 0.4],
    ]);
    const [joint] = gp.posterior(points, points);
    expectClose(joint!.mean, [-0.138542791, 0.4920250266], 1e-10);
    expectClose(joint!.cross.data, [0.329289118, 0.000427266, 0.000427266, 0.0098980682], 1e-10);
  });

  it("leave-one-out", () => {
    const { mean, variance } = gp.leaveOneOut();
    expectClose(mean, [-0.1148424637, 0.3278931713, -0.2823831141], 1e-10);
    expectClose(variance, [1.1780210913, 0.9176555053, 0.9810479245], 1e-10);
  });
});
