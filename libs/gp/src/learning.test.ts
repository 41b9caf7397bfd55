import { createMatrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { fitGp } from "./fit.ts";
import type { FidelityKernel, FitOptions } from "./model.ts";

const dimensions: Dimension[] = [
  { name: "x", kind: "numeric" },
  { name: "s", kind: "fidelity", basis: "fabolas" },
];
const none = createMatrix(0, 2);

/** n points with s up to `highest`, and f there with noise of the given sd. */
function observe(
  n: number,
  highest: number,
  f: (x: number, s: number) => number,
  sd: (s: number) => number,
  seed: number,
) {
  const rng = createRng(seed);
  const x = createMatrix(n, 2);
  const y = new Float64Array(n).map((_, i) => {
    x.data.set([rng.uniform(), highest * rng.uniform()], 2 * i);
    const [u, s] = [x.data[2 * i]!, x.data[2 * i + 1]!];
    return f(u, s) + sd(s) * rng.normal();
  });
  return { dimensions, x, y };
}

describe("what a fit learns", () => {
  const f = (x: number, s: number) => Math.sin(4 * x) + (1 - s) ** 2 * (1 + x);
  const mcmc: FitOptions = { output: "objective", inference: "mcmc" };

  it("quality at the target from lower fidelities alone", () => {
    const model = fitGp(
      observe(60, 0.6, f, () => 0.02, 1),
      mcmc,
      createRng(1),
    );
    const at = createMatrix(5, 2, Float64Array.of(0.1, 1, 0.3, 1, 0.5, 1, 0.7, 1, 0.9, 1));
    const joint = model.posterior(none, at);
    for (let j = 0; j < 5; j++) {
      const mean = joint.reduce((sum, sample) => sum + sample.mean[j]! / joint.length, 0);
      expect(Math.abs(mean - f(at.data[2 * j]!, 1))).toBeLessThan(0.15);
    }
  });

  it("that noise falls with the fidelity", () => {
    const data = observe(120, 1, f, (s) => 0.3 * Math.exp(-2 * s), 2);
    const model = fitGp(data, { ...mcmc, fidelityNoise: true }, createRng(2));
    for (const { values } of model.samples) {
      // log σ² falls by 4 from s = 0 to s = 1.
      expect(values["noiseSlope.s"]).toBeGreaterThan(2);
      expect(Math.sqrt(values.noise!)).toBeLessThan(0.1);
    }
    const [joint] = model.posterior(none, createMatrix(2, 2, Float64Array.of(0.5, 0, 0.5, 1)));
    expect(joint!.noise[0]! / joint!.noise[1]!).toBeGreaterThan(5);
  });

  it("the noise it is told to expect, where data say little", () => {
    const data = observe(4, 1, f, () => 0, 3);
    const noise = (noiseHint: number) =>
      Math.sqrt(fitGp({ ...data, noiseHint }, { ...mcmc, inference: "map" }, createRng(3)).samples[0]!.values.noise!);
    expect(noise(0.3)).toBeGreaterThan(0.15);
    expect(noise(0.01)).toBeLessThan(0.02);
  });

  it("log cost that is linear in the fidelity", () => {
    const logCost = (x: number, s: number) => 2 + 1.5 * s + 0.3 * x;
    const model = fitGp(
      observe(25, 0.7, logCost, () => 0.05, 4),
      { ...mcmc, output: "log-cost" },
      createRng(4),
    );
    const joint = model.posterior(none, createMatrix(1, 2, Float64Array.of(0.5, 1)));
    const mean = joint.reduce((sum, sample) => sum + sample.mean[0]! / joint.length, 0);
    expect(Math.abs(mean - logCost(0.5, 1))).toBeLessThan(0.15);
  });

  it("log cost of a fixed part and one in proportion to the fidelity, to the target from mostly cheap trials", () => {
    const logCost = (_: number, s: number) => Math.log(0.1 + 0.9 * s);
    const data = observe(25, 0.2, logCost, () => 0, 6);
    const costAtTarget = (fidelityKernel: FidelityKernel) => {
      const model = fitGp(data, { ...mcmc, output: "log-cost", fidelityKernel }, createRng(4));
      const joint = model.posterior(none, createMatrix(1, 2, Float64Array.of(0.5, 1)));
      return joint.reduce((sum, { mean }) => sum + Math.exp(mean[0]!) / joint.length, 0);
    };
    // Medians; the truth is 1.
    const both = costAtTarget("task-and-distance");
    expect(both).toBeGreaterThan(0.3);
    expect(both).toBeLessThan(3);
    expect(costAtTarget("task")).toBeGreaterThan(5);
    // The basis of cost is its own.
    expect(costAtTarget("distance")).toBe(both);
  });

  it("nothing without data: samples follow the priors", () => {
    const empty = { dimensions, x: none, y: new Float64Array(0) };
    const { samples } = fitGp(empty, { ...mcmc, samples: 2000, thinning: 2 }, createRng(5));
    const logs = samples.map(({ values }) => Math.log(values.noise!));
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const sd = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length);
    expect(Math.abs(mean + 5)).toBeLessThan(0.25);
    expect(Math.abs(sd - 2)).toBeLessThan(0.2);
  });
});
