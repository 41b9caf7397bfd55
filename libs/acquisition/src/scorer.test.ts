import type { Matrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { type CandidateSpace, withFixedFidelities } from "./candidate-space.ts";
import { pointMatrix } from "./points.ts";
import { chooseRepresenters, type RepresenterRequest } from "./representers.ts";
import { createScorer, type ScorerRequest } from "./scorer.ts";
import { suggest } from "./suggest.ts";
import { boxSpace, numericSpace } from "./testing/box-space.ts";
import { type ExactGp, exactSurrogate } from "./testing/exact-gp.ts";

const options = { acquisition: "expected-improvement", perCost: false, samples: 256 } as const;

function study(space: CandidateSpace, rows: readonly number[][], y: readonly number[], gp: Partial<ExactGp> = {}) {
  const evaluated = rows.map((row) => Float64Array.from(row));
  const x = pointMatrix(evaluated, space.dimensions.length);
  const objective = { x, y: Float64Array.from(y), lengthScale: 0.4, variance: 1, noise: 1e-6, mean: 0.5, ...gp };
  const cost = { ...objective, y: new Float64Array(y.length), mean: 1, variance: 1e-4 };
  return { surrogate: exactSurrogate({ objective: [objective], "log-cost": [cost] }), space, evaluated };
}

async function scorer(data: ReturnType<typeof study>, more: Partial<ScorerRequest & RepresenterRequest> = {}) {
  const shared = { ...data, pending: [], constraints: [], rng: createRng(1), ...more };
  return createScorer({ ...shared, options, representers: await chooseRepresenters({ ...shared, options: {} }) });
}

describe("createScorer with expected improvement", () => {
  const x = [0.05, 0.2, 0.4, 0.6, 0.75, 0.95];
  const bowl = study(
    numericSpace(1),
    x.map((each) => [each]),
    x.map((each) => (each - 0.3) ** 2),
  );
  const grid = Array.from({ length: 41 }, (_, i) => Float64Array.of(i / 40));

  it("is largest where the model expects the minimum, and nothing at evaluated points", async () => {
    const scored = await (await scorer(bowl)).score(grid);
    const best = scored.toSorted((a, b) => b.logValue - a.logValue)[0];
    expect(best.point[0]).toBe(0.3);
    for (const each of scored) {
      expect(each.value).toBeGreaterThanOrEqual(0);
      expect(each.logValue).not.toBeNaN();
      if (x.includes(each.point[0])) expect(each.value).toBeLessThan(1e-4 * best.value);
    }
    const found = await suggest({ ...bowl, pending: [], rng: createRng(1), options });
    expect(Math.abs(found.point[0] - 0.3)).toBeLessThan(0.01);
  });

  it("has no ties far from the best values", async () => {
    const steep = study(numericSpace(1), [[0], [0.5], [1]], [0, 1e3, 2e3], { variance: 1e-2 });
    const scored = await (await scorer(steep)).score(grid.slice(21, 40));
    expect(scored.filter(({ value }) => value === 0).length).toBeGreaterThan(10);
    expect(new Set(scored.map(({ logValue }) => logValue)).size).toBe(19);
    expect(scored.every(({ logValue }) => Number.isFinite(logValue))).toBe(true);
  });

  it("need not improve on a pending trial that will hardly keep the outcome constraints", async () => {
    const point = Float64Array.of(0.24);
    const pending = [Float64Array.of(0.3)];
    const value = async (more: Partial<RepresenterRequest>) =>
      (await (await scorer(bowl, more)).score([point]))[0].value;
    const above = (probability: number) => async (points: Matrix) =>
      points.data.map((x) => (x > 0.25 ? probability : 1));
    const doomed = await value({ pending, recommendable: above(0.1) });
    const kept = await value({ pending, recommendable: above(0.9) });
    // Of what can be recommended 0.2 is the best that was evaluated.
    expect(doomed).toBeGreaterThan(10 * kept);
  });

  it("expects no further improvement near a pending trial", async () => {
    const near = Float64Array.of(0.31);
    const [alone] = await (await scorer(bowl)).score([near]);
    const [awaited] = await (await scorer(bowl, { pending: [Float64Array.of(0.3)] })).score([near]);
    expect(awaited.value).toBeLessThan(alone.value / 10);
  });

  it("prefers untried categories to a repetition, and repeats only when nothing is left", async () => {
    const space = boxSpace([{ name: "k", kind: "categorical", categories: 6 }]);
    const data = study(space, [[0], [1], [2], [3]], [0, 0.1, 1, 2], { lengthScale: 0.2, mean: 0.8, noise: 4e-3 });
    const values = (await (await scorer(data)).score([0, 1, 2, 3, 4, 5].map((k) => Float64Array.of(k)))).map(
      ({ value }) => value,
    );
    expect(Math.min(...values.slice(4))).toBeGreaterThan(100 * Math.max(...values.slice(0, 4)));
    const pending: Float64Array[] = [];
    const replicates: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      const found = await suggest({ ...data, pending: [...pending], rng: createRng(i), options });
      pending.push(found.point);
      replicates.push(found.replicate);
    }
    expect(replicates).toEqual([false, false, true]);
    expect(
      pending
        .slice(0, 2)
        .map(([k]) => k)
        .sort(),
    ).toEqual([4, 5]);
  });

  it("compares values at the fidelities at which the space holds trials", async () => {
    const held = withFixedFidelities(numericSpace(1, true), new Map([[1, 0]]));
    const low = study(
      held,
      x.map((each) => [each, 0]),
      x.map((each) => (each - 0.3) ** 2 + 0.5),
      { mean: 1, fidelity: { column: 1, bias: 1 } },
    );
    const scored = await (await scorer(low)).score(grid.map(([each]) => Float64Array.of(each, 0)));
    expect(scored.toSorted((a, b) => b.value - a.value)[0].point[0]).toBe(0.3);
  });

  it("divides by cost, multiplies by probabilities, and says the same in logarithms", async () => {
    const constraints = [() => new Float64Array(4).fill(0.5), () => new Float64Array(4).fill(1e-3)];
    const points = [0.1, 0.3, 0.7, 1].map((each) => Float64Array.of(each));
    const plain = await (await scorer(bowl)).score(points);
    const shared = { ...bowl, pending: [], rng: createRng(1) };
    const representers = await chooseRepresenters({ ...shared, constraints: [] });
    const all = createScorer({ ...shared, representers, constraints, options: { ...options, perCost: true } });
    const scored = await all.score(points);
    for (let q = 0; q < points.length; q++) {
      const factor = 5e-4 / scored[q].expectedCost!;
      expect(scored[q].logValue / (plain[q].logValue + Math.log(factor))).toBeCloseTo(1, 12);
      expect(scored[q].value / Math.exp(scored[q].logValue) || 1).toBeCloseTo(1, 9);
    }
  });
});
