import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { withFixedFidelities } from "./candidate-space.ts";
import { includesPoint, pointMatrix } from "./points.ts";
import { compareFidelities, recommend } from "./recommend.ts";
import { chooseRepresenters } from "./representers.ts";
import type { AcquisitionName } from "./scorer.ts";
import { type Suggestion, type SuggestOptions, type SuggestRequest, suggest } from "./suggest.ts";
import { boxSpace, numericSpace } from "./testing/box-space.ts";
import { type ExactGp, exactSurrogate } from "./testing/exact-gp.ts";

const small: SuggestOptions = { representers: 20, pool: 64, candidates: 60, samples: 64, rounds: 2 };

/** Observations of a bowl around (0.3, 0.6), shifted by the fidelity, at quasi-random places. */
function study(
  options: { fidelity?: boolean; noise?: number; costSlope?: number; bias?: number; count?: number } = {},
) {
  const { fidelity = true, noise = 1e-6, costSlope = 2, bias = 0.5, count = 12 } = options;
  const space = numericSpace(2, fidelity);
  const rng = createRng("data");
  const evaluated = Array.from({ length: count }, () => Float64Array.from(space.dimensions, () => rng.uniform()));
  const x = pointMatrix(evaluated, space.dimensions.length);
  const bowl = (p: Float64Array) =>
    4 * ((p[0] - 0.3) ** 2 + (p[1] - 0.6) ** 2) + (fidelity ? 0.3 * (1 - p[2]) ** 2 : 0);
  const objective: ExactGp = {
    x,
    y: Float64Array.from(evaluated, bowl),
    lengthScale: 0.5,
    variance: 1,
    noise,
    mean: 1,
    ...(fidelity && { fidelity: { column: 2, bias } }),
  };
  const cost: ExactGp = {
    x,
    y: Float64Array.from(evaluated, (p) => (fidelity ? costSlope * p[2] : 0)),
    lengthScale: 2,
    variance: 4,
    noise: 1e-6,
    mean: costSlope / 2,
    ...(fidelity && { fidelity: { column: 2, bias: 4 } }),
  };
  const surrogate = exactSurrogate({ objective: [objective, { ...objective, lengthScale: 0.7 }], "log-cost": [cost] });
  return { surrogate, space, evaluated };
}

function ask(data: ReturnType<typeof study>, more: Partial<SuggestRequest> = {}): Promise<Suggestion> {
  return suggest({ ...data, pending: [], rng: createRng(1), options: small, ...more });
}

describe("suggest", () => {
  it("does not suggest what is infeasible, nor call a result that the surrogate was not given new", async () => {
    const data = study();
    const first = await ask(data);
    const careful = await ask(data, { infeasible: [first.point] });
    expect(includesPoint([first.point], careful.point, 1e-6)).toBe(false);
    const other = await ask(data, { alsoEvaluated: [first.point] });
    expect(other.replicate).toBe(includesPoint([...data.evaluated, first.point], other.point, 1e-6));
  });

  it("gives a valid new point, and says why", async () => {
    const data = study();
    const found = await ask(data);
    expect(found.point.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(includesPoint(data.evaluated, found.point, 1e-6)).toBe(false);
    expect(found.replicate).toBe(false);
    expect(found.gain).toBeGreaterThan(0);
    expect(found.entropyReduction).toBe(found.gain);
    expect(found.value).toBeCloseTo(found.gain / found.expectedCost!, 9);
    expect(found.probability).toBe(1);
    expect(found.entropy).toBeGreaterThan(0);
    expect(found.incumbent?.[2]).toBe(1);
    const others = [0, 0.25, 0.5, 0.75, 1].filter((fidelity) => fidelity !== found.point[2]);
    expect(found.alternatives.map(({ point }) => point[2])).toEqual(others);
    for (const other of found.alternatives) {
      expect(other.point.subarray(0, 2)).toEqual(found.point.subarray(0, 2));
      expect(other.entropyReduction).toBeGreaterThanOrEqual(0);
      expect(other.expectedCost).toBeGreaterThan(0);
    }
  });

  it("is the same for the same seed, and leaves the random stream alone", async () => {
    const rng = createRng(5);
    const state = rng.state();
    const first = await ask(study(), { rng });
    expect(rng.state()).toBe(state);
    expect(await ask(study(), { rng })).toEqual(first);
    expect((await ask(study(), { rng: createRng(6) })).point).not.toEqual(first.point);
  });

  it("chooses the cheapest fidelity where all fidelities tell the same", async () => {
    const found = await ask(study({ bias: 0, costSlope: 3 }));
    expect(found.point[2]).toBeLessThan(0.02);
  });

  it("chooses a high fidelity where cost does not matter and low ones are biased", async () => {
    const found = await ask(study({ bias: 20, count: 6 }), { options: { ...small, perCost: false } });
    expect(found.point[2]).toBeGreaterThan(0.5);
    expect(found.expectedCost).toBeUndefined();
    expect(found.value).toBe(found.gain);
  });

  it("halves its value, not its choice, when every cost doubles", async () => {
    const data = study();
    const dear: typeof data.surrogate = async (output, ...rest) => {
      const posteriors = await data.surrogate(output, ...rest);
      if (output === "objective") return posteriors;
      return posteriors.map((posterior) => ({ ...posterior, mean: posterior.mean.map((m) => m + Math.LN2) }));
    };
    const one = await ask(data);
    const other = await ask({ ...data, surrogate: dear });
    expect(other.point).toEqual(one.point);
    expect(other.value / one.value).toBeCloseTo(0.5, 9);
  });

  it("avoids what is pending: a batch spreads out", async () => {
    const data = study();
    const pending: Float64Array[] = [];
    for (let i = 0; i < 4; i++) pending.push((await ask(data, { pending: [...pending] })).point);
    for (let i = 0; i < pending.length; i++) {
      expect(includesPoint(pending.slice(0, i), pending[i], 0.01)).toBe(false);
    }
  });

  it("keeps away from where trials are not acceptable", async () => {
    const allowed = (points: { rows: number; columns: number; data: Float64Array }) =>
      Float64Array.from({ length: points.rows }, (_, q) => (points.data[q * points.columns] > 0.5 ? 1 : 0));
    const found = await ask(study(), { constraints: [allowed] });
    expect(found.point[0]).toBeGreaterThan(0.5);
    expect(found.probability).toBe(1);
  });

  it.each<AcquisitionName>(["max-value-entropy", "knowledge-gradient", "expected-improvement"])(
    "maximizes %s, and still reports the entropy reduction",
    async (acquisition) => {
      const data = study({ fidelity: false });
      for (const perCost of [true, false]) {
        const found = await ask(data, { options: { ...small, acquisition, perCost } });
        expect(found.gain).toBeGreaterThan(0);
        expect(found.entropyReduction).toBeGreaterThan(0);
        expect(found.alternatives).toHaveLength(0);
      }
    },
  );

  it("searches at fixed fidelities", async () => {
    const data = study();
    const found = await ask({ ...data, space: withFixedFidelities(data.space, new Map([[2, 0.5]])) });
    expect(found.point[2]).toBe(0.5);
  });

  it("repeats a trial only where noise makes it worth it, and says so", async () => {
    const dimensions: Dimension[] = [{ name: "kind", kind: "categorical", categories: 3 }];
    const evaluated = [0, 1, 2].map((value) => Float64Array.of(value));
    const model = (noise: number): ExactGp => ({
      x: pointMatrix(evaluated, 1),
      y: Float64Array.of(0, 0.1, 3),
      lengthScale: 0.3,
      variance: 1,
      noise,
      mean: 0.5,
    });
    const categories = (noise: number) => ({
      surrogate: exactSurrogate({ objective: [model(noise)], "log-cost": [model(1e-6)] }),
      space: boxSpace(dimensions),
      evaluated,
    });
    const noisy = await ask(categories(0.5), { options: { ...small, perCost: false } });
    expect(noisy.replicate).toBe(true);
    expect(noisy.point[0]).toBeLessThan(2);
    const fresh = await ask({ ...categories(1e-9), evaluated: evaluated.slice(0, 2) }, { options: small });
    expect(fresh.replicate).toBe(false);
    expect(fresh.point[0]).toBe(2);
  });

  it("fails where the space is empty, and stops when aborted", async () => {
    const data = study();
    const empty = boxSpace(data.space.dimensions, () => false);
    await expect(ask({ ...data, space: empty })).rejects.toThrow(RangeError);
    await expect(ask(data, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("chooseRepresenters", () => {
  it("gathers them around the minimum, at the target, the incumbent among them", async () => {
    const data = study({ count: 20 });
    const { points, probability, incumbent } = await chooseRepresenters({
      ...data,
      pending: [],
      constraints: [],
      rng: createRng(1),
      options: { representers: 30, pool: 128 },
    });
    expect(points).toHaveLength(30);
    expect(probability.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(points.every((point) => point[2] === 1)).toBe(true);
    expect(includesPoint(points, incumbent!, 0)).toBe(true);
    const distance = (point: Float64Array) => Math.hypot(point[0] - 0.3, point[1] - 0.6);
    expect(points.reduce((sum, point, i) => sum + probability[i] * distance(point), 0)).toBeLessThan(0.15);
  });
});

describe("recommend", () => {
  it("gives the evaluated x of lowest mean at the target, with its uncertainty", async () => {
    const data = study({ count: 20 });
    const found = await recommend(data);
    expect(found.point[2]).toBe(1);
    expect(found.point.subarray(0, 2)).toEqual(data.evaluated[found.index!].subarray(0, 2));
    expect(found.sd).toBeGreaterThan(0);
    const [one, two] = await data.surrogate(
      "objective",
      pointMatrix([], 3),
      pointMatrix(data.evaluated.map(data.space.target), 3),
    );
    const means = one.mean.map((m, i) => (m + two.mean[i]) / 2);
    expect(found.mean).toBe(Math.min(...means));
    expect(means[found.index!]).toBe(found.mean);
  });

  it("names the latest trial of the highest fidelity with that x", async () => {
    const data = study({ count: 20 });
    const { point } = await recommend(data);
    const at = (fidelity: number) => Float64Array.of(point[0], point[1], fidelity);
    const others = data.evaluated.filter((x) => x[0] !== point[0]);
    const evaluated = [at(0.5), ...others, at(0.9), at(0.1), at(0.9), at(0.2)];
    const found = await recommend({ ...data, evaluated });
    expect(found.point).toEqual(point);
    expect(found.index).toBe(evaluated.length - 2);
  });

  it("finds a better x between the evaluated ones when asked to", async () => {
    const data = study({ count: 20 });
    const evaluated = await recommend(data);
    const anywhere = await recommend({ ...data, continuous: { rng: createRng(1) } });
    expect(anywhere.mean).toBeLessThan(evaluated.mean);
    expect(anywhere.index).toBeUndefined();
    expect(Math.hypot(anywhere.point[0] - 0.3, anywhere.point[1] - 0.6)).toBeLessThan(0.1);
  });

  it("needs a result", async () => {
    await expect(recommend({ ...study(), evaluated: [] })).rejects.toThrow(RangeError);
  });
});

describe("compareFidelities", () => {
  it("decides by the first fidelity that differs", () => {
    const space = { ...numericSpace(2, false), fidelityColumns: [0, 2] };
    const compare = (a: number[], b: number[]) =>
      Math.sign(compareFidelities(space, Float64Array.from(a), Float64Array.from(b)));
    expect(compare([0.5, 0, 0.1], [0.4, 0, 1])).toBe(1);
    expect(compare([0.5, 1, 0.1], [0.5, 0, 0.2])).toBe(-1);
    expect(compare([0.5, 1, 0.1], [0.5, 0, 0.1])).toBe(0);
  });
});
