import { pointMatrix } from "@superbatch/acquisition";
import type { OutcomeConstraint } from "@superbatch/contracts";
import { encode, type Point, type SearchSpace } from "@superbatch/search-space";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSuggestionEngine } from "./create-engine.ts";
import type { KnowledgeRequest, Observation } from "./engine.ts";
import { bestFirst } from "./model-observations.ts";
import { fitOutcomes, violations } from "./outcomes.ts";
import { recommendFromObservations } from "./recommendation.ts";
import { studyData } from "./study-data.ts";
import { createLocalSurrogate } from "./testing/local-surrogate.ts";
import { observeSobol, space, spaceWith } from "./testing/problem.ts";

const { signal } = new AbortController();
const algorithm = { kind: "entropy-search" } as const;

/** The metric rises with x, and falls by 0.4 from the lowest fidelity to the target. */
function latency({ x, super_batch }: Point): number {
  const s = Math.log(Number(super_batch) / 128) / Math.log(50_000 / 128);
  return Number(x) + 0.4 * (1 - s) ** 2;
}

function request(outcomeConstraints: OutcomeConstraint[], observations = observeSobol(24)): KnowledgeRequest {
  const withOutcomes = observations.map((each) => ({
    ...each,
    outcomes: outcomeConstraints.map(() => latency(each.point)),
  }));
  return { space, algorithm, seed: "1", observations: withOutcomes, outcomeConstraints };
}

describe("fitOutcomes", () => {
  it("judges an x at the target, whatever the fidelity of the point", async () => {
    const data = studyData(request([{ metric: "latency", atMost: 0.6 }]));
    const holds = (await fitOutcomes(createLocalSurrogate(), data, {}, signal))!;
    // At the lowest fidelity 0.4 more are measured: 0.5 would be beyond the bound.
    const at = (x: number, superBatch: number) => encode(space, { x, y: 0.5, super_batch: superBatch });
    const probability = await holds(pointMatrix([at(0.5, 128), at(0.5, 50_000), at(0.7, 128), at(0.7, 50_000)], 3));
    expect(probability[0]).toBeGreaterThan(0.9);
    expect(probability[2]).toBeLessThan(0.1);
    expect(probability[0]).toBe(probability[1]);
    expect(probability[2]).toBe(probability[3]);
  });

  it("takes nothing for granted of what fidelities do to a metric", async () => {
    const bounds: OutcomeConstraint[] = [{ metric: "latency", atMost: 0.6 }];
    const points = pointMatrix([encode(space, { x: 0.5, y: 0.5, super_batch: 50_000 })], 3);
    const probability = async (effect: "open" | "small") => {
      const data = studyData({ ...request(bounds), space: spaceWith(effect) });
      return (await fitOutcomes(createLocalSurrogate(), data, {}, signal))!(points);
    };
    expect(await probability("small")).toEqual(await probability("open"));
  });

  it("multiplies over the constraints, of two bounds of one metric too", async () => {
    const fit = async (...constraints: OutcomeConstraint[]) =>
      (await fitOutcomes(createLocalSurrogate(), studyData(request(constraints)), {}, signal))!;
    const points = pointMatrix(
      [0.1, 0.4, 0.6, 0.8].map((x) => encode(space, { x, y: 0.5, super_batch: 50_000 })),
      3,
    );
    const low = await (await fit({ metric: "a", atLeast: 0.4 }))(points);
    const high = await (await fit({ metric: "b", atMost: 0.6 }))(points);
    const both = await (await fit({ metric: "a", atLeast: 0.4 }, { metric: "b", atMost: 0.6 }))(points);
    for (let q = 0; q < 4; q++) expect(both[q]).toBeCloseTo(low[q]! * high[q]!, 12);
    const band = await (await fit({ metric: "a", atLeast: 0.4, atMost: 0.6 }))(points);
    for (let q = 0; q < 4; q++) expect(band[q]).toBeLessThanOrEqual(low[q]! + 1e-12);
    expect(band[0]).toBeLessThan(0.05);
    expect(band[3]).toBeLessThan(0.05);
  });

  it("is nothing in a study without constraints: nothing is fitted", async () => {
    const surrogate = createLocalSurrogate();
    expect(await fitOutcomes(surrogate, studyData(request([])), {}, signal)).toBeUndefined();
    expect(surrogate.fits).toEqual([]);
  });
});

describe("violations", () => {
  const values = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 12 });
  const of = (outcomes: readonly number[], constraint: OutcomeConstraint) =>
    violations({
      observations: outcomes.map((outcome) => ({ point: {}, value: 0, cost: 1, outcomes: [outcome] })),
      outcomeConstraints: [constraint],
    });

  it("are 0 within the bounds, above it beyond, and more the further", () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -1e6, max: 1e6 }), (outcomes, atMost) => {
        const missed = of(outcomes, { metric: "m", atMost });
        outcomes.forEach((outcome, i) => {
          expect(missed[i] === 0).toBe(outcome <= atMost);
          outcomes.forEach((other, j) => {
            if (outcome <= other) expect(missed[i]).toBeLessThanOrEqual(missed[j]!);
          });
        });
      }),
    );
  });

  it("do not depend on the metric's unit", () => {
    const missed = of([1, 2, 4], { metric: "seconds", atMost: 1.5 });
    expect([...of([1000, 2000, 4000], { metric: "ms", atMost: 1500 })]).toEqual(
      [...missed].map((each) => expect.closeTo(each, 10)),
    );
  });

  it("come before the value in every rank", () => {
    const observations = [0.1, 0.5, 0.3].map((value) => ({ point: {}, value, cost: 1 }));
    expect(bestFirst(observations, [], Float64Array.of(1, 0, 0))).toEqual([2, 1, 0]);
    expect(bestFirst(observations, [])).toEqual([0, 2, 1]);
  });
});

describe("a recommendation without a model", () => {
  const at = (x: number, superBatch: number, value: number, outcome: number): Observation => ({
    point: { x, y: 0.5, super_batch: superBatch },
    value,
    cost: 1,
    outcomes: [outcome],
  });
  const recommended = (...observations: Observation[]) =>
    recommendFromObservations(
      studyData({ space, algorithm, seed: "1", observations, outcomeConstraints: [{ metric: "latency", atMost: 20 }] }),
    );

  it("is the best of those observed within the bounds, and says so", () => {
    const found = recommended(at(0.1, 50_000, 0.1, 30), at(0.2, 50_000, 0.3, 20), at(0.3, 50_000, 0.2, 19));
    expect(found).toMatchObject({ observation: 2, feasibility: 1 });
  });

  it("prefers what keeps them at a lower fidelity to what does not at the highest", () => {
    expect(recommended(at(0.1, 50_000, 0.1, 30), at(0.2, 128, 0.3, 20))).toMatchObject({ observation: 1 });
  });

  it("is the one that misses them by least if none keeps them, and says so", () => {
    const found = recommended(at(0.1, 50_000, 0.1, 30), at(0.2, 50_000, 0.3, 21), at(0.3, 128, 0.2, 20.5));
    expect(found).toMatchObject({ observation: 1, feasibility: 0 });
  });
});

/** The bowl's minimum, at (0.25, 0.25), is not acceptable; the best acceptable x is (0.6, 0.6), where the value is 0.245. */
const plane: SearchSpace = { parameters: space.parameters.slice(0, 2), constraints: [] };
const constrained: OutcomeConstraint[] = [{ metric: "accuracy", atLeast: 1.2 }];
const best = 0.245;

function measure(point: Point): Observation {
  const [x, y] = [Number(point.x), Number(point.y)];
  return { point, value: (x - 0.25) ** 2 + (y - 0.25) ** 2, cost: 1, outcomes: [x + y] };
}

describe.each([{ kind: "entropy-search" } as const, { kind: "expected-improvement" } as const])(
  "a study by $kind whose unconstrained optimum is not acceptable",
  (algorithm) => {
    it("ends at the constrained optimum, and most later trials keep the constraint", async () => {
      const engine = createSuggestionEngine({ surrogate: createLocalSurrogate() });
      const observations: Observation[] = [];
      const told: (number | undefined)[] = [];
      const known = () => ({ space: plane, algorithm, seed: "5", observations, outcomeConstraints: constrained });
      for (let sequence = 0; sequence < 24; sequence++) {
        const [suggestion] = await engine.suggest(
          { ...known(), sequence, infeasible: [], pending: [], count: 1 },
          signal,
        );
        expect(suggestion!.fallback).toBeUndefined();
        observations.push(measure(suggestion!.point));
        told.push(suggestion!.explanation?.feasibility);
      }
      const recommendation = (await engine.recommend(known(), signal))!;
      const { value, outcomes } = measure(recommendation.point);
      expect(recommendation.feasibility).toBeGreaterThanOrEqual(0.5);
      expect(outcomes![0]).toBeGreaterThan(1.2 - 0.01);
      expect(value).toBeLessThan(best + 0.03);
      const later = observations.slice(12).filter(({ outcomes }) => outcomes![0]! >= 1.2 - 0.01);
      expect(later.length).toBeGreaterThan(6);
      for (const probability of told.slice(6)) expect(probability).toBeGreaterThan(0);

      const unconstrained = (await engine.recommend({ ...known(), outcomeConstraints: [] }, signal))!;
      expect(unconstrained.feasibility).toBeUndefined();
      expect(unconstrained.mean).toBeLessThan(recommendation.mean);
    }, 120_000);
  },
);

describe("a study in which nothing keeps the constraint", () => {
  it("recommends what most probably does, says so, and has not converged", async () => {
    const engine = createSuggestionEngine({ surrogate: createLocalSurrogate() });
    const observations = [0.1, 0.3, 0.5, 0.7].map((x) => measure({ x, y: 0.2 }));
    const known = { space: plane, algorithm, seed: "5", observations, outcomeConstraints: constrained };
    const { observation, feasibility } = (await engine.recommend(known, signal))!;
    expect(observation).toBe(3);
    expect(feasibility).toBeLessThan(0.5);
    expect((await engine.convergence({ ...known, recent: [3] }, signal)).expectedLoss).toBe(Number.POSITIVE_INFINITY);
  });
});
