import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createRng, type Rng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { fitGp } from "./fit.ts";
import type { FitOptions } from "./model.ts";

const dimensions: Dimension[] = [
  { name: "a", kind: "numeric" },
  { name: "kind", kind: "categorical", categories: 2 },
  { name: "b", kind: "numeric", condition: { parent: 1, values: [1] } },
  { name: "s", kind: "fidelity", basis: "fabolas" },
];

function truth([a, kind, b, s]: readonly number[]): number {
  return Math.sin(5 * a!) + (kind === 1 ? b! : 0.3) + 0.5 * (1 - s!) ** 2;
}

function randomPoints(n: number, rng: Rng): Matrix {
  const x = createMatrix(n, 4);
  for (let i = 0; i < n; i++) {
    const kind = rng.integer(2);
    x.data.set([rng.uniform(), kind, kind === 1 ? rng.uniform() : Number.NaN, rng.uniform()], i * 4);
  }
  return x;
}

const rowOf = (x: Matrix, i: number) => Array.from(x.data.subarray(i * x.columns, (i + 1) * x.columns));
const valuesAt = (x: Matrix) => Float64Array.from({ length: x.rows }, (_, i) => truth(rowOf(x, i)));
const none = createMatrix(0, 4);
const map: FitOptions = { output: "objective", inference: "map" };
const mcmc: FitOptions = { output: "objective", inference: "mcmc", samples: 6 };

describe("fitGp", () => {
  const rng = createRng(1);
  const x = randomPoints(60, rng);
  const y = valuesAt(x);
  const test = randomPoints(40, rng);

  it.each([map, mcmc])("predicts a smooth function of mixed parameters and a fidelity ($inference)", (options) => {
    const model = fitGp({ dimensions, x, y }, options, createRng(2));
    const joint = model.posterior(none, test);
    expect(joint.length).toBe(options.inference === "map" ? 1 : 6);
    const expected = valuesAt(test);
    for (const { mean, variance } of joint) {
      for (let j = 0; j < expected.length; j++) {
        expect(Math.abs(mean[j]! - expected[j]!)).toBeLessThan(0.3);
        expect(variance[j]).toBeLessThan(0.1);
      }
    }
  });

  it("gives the same model again for the same seed", () => {
    const fit = () => fitGp({ dimensions, x, y }, mcmc, createRng(3)).samples;
    expect(fit()).toEqual(fit());
  });

  it("appends observations as if they had been there, under the same hyperparameters", () => {
    const half = createMatrix(50, 4, x.data.slice(0, 200));
    const rest = createMatrix(10, 4, x.data.slice(200));
    const whole = fitGp({ dimensions, x: half, y: y.slice(0, 50) }, map, createRng(4)).append(rest, y.slice(50));
    const oneByOne = Array.from({ length: 10 }, (_, i) => i).reduce(
      (model, i) => model.append(createMatrix(1, 4, rest.data.slice(4 * i, 4 * i + 4)), y.slice(50 + i, 51 + i)),
      fitGp({ dimensions, x: half, y: y.slice(0, 50) }, map, createRng(4)),
    );
    expect(whole.observations).toBe(60);
    const [a] = whole.posterior(none, test);
    const [b] = oneByOne.posterior(none, test);
    a!.mean.forEach((value, j) => {
      expect(value).toBeCloseTo(b!.mean[j]!, 7);
    });
    a!.variance.forEach((value, j) => {
      expect(value).toBeCloseTo(b!.variance[j]!, 7);
    });
    whole.leaveOneOut().mean.forEach((value, i) => {
      expect(Math.abs(value - y[i]!)).toBeLessThan(0.5);
    });
  });

  it("starts from an earlier fit's hyperparameters, and ignores those of another space", () => {
    const { warmStart } = fitGp({ dimensions, x, y }, mcmc, createRng(5));
    let calls = 0;
    const count = { shouldStop: () => ++calls < 0 };
    const restored = JSON.parse(JSON.stringify(warmStart));
    fitGp({ dimensions, x, y }, { ...map, warmStart: restored }, createRng(6), count);
    const warm = calls;
    calls = 0;
    fitGp({ dimensions, x, y }, map, createRng(6), count);
    expect(warm).toBeLessThan(calls);
    const other = { names: ["lengthScale.z"], positions: [[0]] };
    expect(fitGp({ dimensions, x, y }, { ...map, warmStart: other }, createRng(6)).samples).toHaveLength(1);
  });

  it("without observations gives the prior", () => {
    const [joint] = fitGp({ dimensions, x: none, y: new Float64Array(0) }, map, createRng(7)).posterior(test, test);
    expect(new Set(joint!.mean).size).toBe(1);
    expect(Math.min(...joint!.variance)).toBeGreaterThan(0.1);
    joint!.variance.forEach((value, j) => {
      expect(joint!.cross.data[j * 41]).toBeCloseTo(value, 12);
    });
  });

  it("keeps a subset of too many observations, and says so", () => {
    const model = fitGp({ dimensions, x, y }, { ...map, maxObservations: 20 }, createRng(8));
    expect(model.approximation).toEqual({ kind: "subset", used: 20, observations: 60 });
    expect(model.leaveOneOut().mean).toHaveLength(20);
    const lowest = y.indexOf(Math.min(...y));
    const [joint] = model.posterior(none, createMatrix(1, 4, Float64Array.from(rowOf(x, lowest))));
    expect(joint!.mean[0]).toBeCloseTo(y[lowest]!, 0);
  });

  it("learns to warp an input whose function changes fast at one end only", () => {
    const line = createMatrix(
      40,
      1,
      Float64Array.from({ length: 40 }, (_, i) => (i + 0.5) / 40),
    );
    const steep = { dimensions: dimensions.slice(0, 1), x: line, y: line.data.map((v) => Math.sin(12 * v ** 6)) };
    const plain = fitGp(steep, map, createRng(1));
    const warped = fitGp(steep, { ...map, inputWarping: true }, createRng(1));
    const score = (model: typeof plain) => model.leaveOneOut().logDensity.reduce((sum, value) => sum + value, 0);
    expect(score(warped)).toBeGreaterThan(score(plain) + 10);
    expect(warped.samples[0]!.values["warp.a.a"]).toBeGreaterThan(1.2);
    const product: FitOptions = { ...map, inputWarping: true, kernel: "matern52-product" };
    expect(() => fitGp(steep, product, createRng(1))).toThrow(/inputWarping/);
  });

  it("stops when it is asked to", () => {
    let calls = 0;
    const stop = () => fitGp({ dimensions, x, y }, mcmc, createRng(9), { shouldStop: () => ++calls > 5 });
    expect(stop).toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(calls).toBe(6);
  });

  it("stops while it chooses a subset, appends, or predicts without an observation", () => {
    const stopAt = (count: number) => {
      let calls = 0;
      return { shouldStop: () => ++calls > count };
    };
    const aborted = expect.objectContaining({ name: "AbortError" });
    const subset = () => fitGp({ dimensions, x, y }, { ...map, maxObservations: 20 }, createRng(9), stopAt(10));
    expect(subset).toThrow(aborted);
    const model = fitGp({ dimensions, x, y }, { ...mcmc, burnIn: 0, thinning: 1 }, createRng(9));
    expect(() => model.append(test, valuesAt(test), stopAt(2))).toThrow(aborted);
    expect(() => model.leaveOneOut(stopAt(5))).toThrow(aborted);
    expect(model.leaveOneOut(stopAt(6))).toEqual(model.leaveOneOut());
  });

  it("refuses what is not finite by its index", () => {
    const badY = y.slice();
    badY[7] = Number.NaN;
    expect(() => fitGp({ dimensions, x, y: badY }, map, createRng(1))).toThrow(/y\[7\] is NaN/);
    const badX = createMatrix(60, 4, x.data.slice());
    badX.data[4 * 3] = Number.NaN;
    expect(() => fitGp({ dimensions, x: badX, y }, map, createRng(1))).toThrow(/x\[3\]\[0\] \(a\) is NaN/);
    badX.data[4 * 3] = Number.POSITIVE_INFINITY;
    expect(() => fitGp({ dimensions, x: badX, y }, map, createRng(1))).toThrow(RangeError);
    expect(() => fitGp({ dimensions, x, y }, { ...mcmc, samples: 0 }, createRng(1))).toThrow(/samples/);
  });
});
