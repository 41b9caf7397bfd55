import { matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Dimension, FidelityBasis, FidelityEffect } from "@superbatch/search-space";
import { expect, it } from "vitest";
import { fitGp } from "./fit.ts";
import { hyperparameterLayout } from "./hyperparameters.ts";
import { inputLayout } from "./inputs.ts";
import type { FidelityKernel, FitOptions } from "./model.ts";

interface Believed {
  readonly basis?: FidelityBasis;
  readonly effect?: FidelityEffect;
}

const dimensionsWith = ({ basis = "fabolas", effect = "open" }: Believed): Dimension[] => [
  { name: "x", kind: "numeric" },
  { name: "s", kind: "fidelity", basis, effect },
];

/** What is believed of the value at x = 0.3 at the target, from values at some x and s. */
function atTarget(
  rows: number[][],
  value: (x: number, s: number) => number,
  options: Partial<FitOptions>,
  believed: Believed = {},
) {
  const y = Float64Array.from(rows, ([x, s]) => value(x!, s!));
  const model = fitGp(
    { dimensions: dimensionsWith(believed), x: matrixFromRows(rows), y },
    { output: "objective", inference: "map", ...options },
    createRng(1),
  );
  const samples = model.posterior(matrixFromRows([[0.5, 1]]), matrixFromRows([[0.3, 1]]));
  const average = (of: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((sum, sample) => sum + of(sample) / samples.length, 0);
  const mean = average((sample) => sample.mean[0]!);
  return { mean, sd: Math.sqrt(average((sample) => sample.variance[0]! + (sample.mean[0]! - mean) ** 2)) };
}

it("cheap fidelities alone leave the target uncertain", () => {
  const rows = Array.from({ length: 30 }, (_, i) => [(i >> 1) / 14, i % 2 === 0 ? 0 : 0.12]);
  const value = (x: number, s: number) => Math.sin(6 * x) + (1 - s) ** 2 * Math.cos(5 * x) + (1 - s) * x;
  const uncertainty = (fidelityKernel: FidelityKernel) => atTarget(rows, value, { fidelityKernel }).sd;
  for (const kernel of ["task-and-distance", "distance"] as const)
    expect(uncertainty(kernel)).toBeGreaterThan(1.5 * uncertainty("task"));
});

const cheap = Array.from({ length: 8 }, (_, i) => [i / 7, 0]);
const pair = [2 / 7, 0.7];

it.each([
  ["fabolas", 0.5],
  ["exponential", 0.85],
] as const)("a small effect that was expected is believed after one pair of fidelities: %s", (basis, ratio) => {
  const value = (x: number) => Math.sin(6 * x);
  const [open, small] = (["open", "small"] as const).map((effect) =>
    atTarget([...cheap, pair], value, { inference: "mcmc", samples: 30 }, { basis, effect }),
  );
  expect(small!.sd).toBeLessThan(ratio * open!.sd);
  expect(Math.abs(small!.mean - value(0.3))).toBeLessThan(2 * small!.sd + 0.05);
});

it("a large effect is learned although a small one was expected", () => {
  const value = (x: number, s: number) => Math.sin(6 * x) + 3 * (1 - s) ** 2;
  const pairs = [0.1, 0.35, 0.6, 0.85].map((x) => [x, 0.4]);
  const rows = [...cheap, ...pairs, [0.9, 1]];
  const { mean } = atTarget(rows, value, { inference: "mcmc", samples: 30 }, { effect: "small" });
  // Had it no effect beyond what was tried, the value would be that at 0.4, which is 1.08 above.
  expect(Math.abs(mean - value(0.3, 1))).toBeLessThan(0.4);
});

it("what is believed of one fidelity is not believed of another, nor of cost", () => {
  const dimensions: Dimension[] = [
    { name: "x", kind: "numeric" },
    { name: "s", kind: "fidelity", basis: "fabolas", effect: "small" },
    { name: "t", kind: "fidelity", basis: "exponential" },
  ];
  const priors = (output: "objective" | "log-cost", of: readonly Dimension[]) => {
    const layout = hyperparameterLayout(inputLayout(of, true), { output, inference: "map" }, undefined);
    return Object.fromEntries(layout.names.map((name, i) => [name, layout.priors[i]!.logDensity(0.5)]));
  };
  const open = dimensions.map((dimension) =>
    dimension.kind === "fidelity" ? ({ ...dimension, effect: "open" } as const) : dimension,
  );
  const [believed, usual] = [priors("objective", dimensions), priors("objective", open)];
  expect(Object.keys(believed).filter((name) => believed[name] !== usual[name])).toEqual([
    "lengthScale.s",
    "task.s.l21",
    "task.s.l22",
  ]);
  expect(priors("log-cost", dimensions)).toEqual(priors("log-cost", open));
});
