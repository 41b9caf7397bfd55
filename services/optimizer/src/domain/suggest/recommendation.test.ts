import type { SearchSpace } from "@superbatch/search-space";
import type { Trial } from "@superbatch/store";
import { describe, expect, it } from "vitest";
import { isBetter } from "../best-trial.ts";
import { fitStudy } from "./model-fit.ts";
import { recommendFromModel, recommendFromObservations } from "./recommendation.ts";
import { studyData } from "./study-data.ts";
import { createLocalSurrogate } from "./testing/local-surrogate.ts";
import { observe, space } from "./testing/problem.ts";

const at = (x: number, superBatch: number) => observe({ x, y: 0.7, super_batch: superBatch });
const observations = [at(0.9, 50_000), at(0.35, 128), at(0.6, 50_000), at(0.1, 4000), at(0.35, 4000), at(0.7, 128)];
const data = studyData({ space, algorithm: { kind: "entropy-search" }, seed: "1", observations });

describe("recommendFromObservations", () => {
  it("takes the best of those with the highest fidelity", () => {
    expect(recommendFromObservations(data)).toEqual({
      point: { x: 0.6, y: 0.7, super_batch: 50_000 },
      mean: observations[2]!.value,
      observation: 2,
      basis: "observed",
    });
  });

  it("agrees with the study's best trial on what the highest fidelity is", () => {
    const [x, , superBatch] = space.parameters;
    const epochs = {
      name: "epochs",
      domain: { kind: "integer", min: 1, max: 10, scale: "linear" },
      fidelity: { target: 10, basis: "fabolas" },
    } as const;
    const two: SearchSpace = { parameters: [x!, superBatch!, epochs], constraints: [] };
    const results = [
      { point: { x: 0.1, super_batch: 40_000, epochs: 1 }, value: 0.5, cost: 1 },
      { point: { x: 0.2, super_batch: 30_000, epochs: 10 }, value: 0.1, cost: 1 },
      { point: { x: 0.3, super_batch: 40_000, epochs: 2 }, value: 0.4, cost: 1 },
      { point: { x: 0.4, super_batch: 40_000, epochs: 2 }, value: 0.3, cost: 1 },
      { point: { x: 0.5, super_batch: 40_000, epochs: 2 }, value: 0.3, cost: 1 },
    ];
    const trials = results.map(
      ({ point, value }, number) => ({ number, point, measurement: { value } }) as unknown as Trial,
    );
    const objective = { metric: "error", goal: "minimize", transform: "none" } as const;
    const best = trials.reduce((best, trial) => (isBetter(two, objective, trial, best) ? trial : best));
    const request = { space: two, algorithm: { kind: "sobol" }, seed: "1", observations: results } as const;
    expect(recommendFromObservations(studyData(request)).observation).toBe(best.number);
    expect(best.number).toBe(3);
  });
});

describe("recommendFromModel", () => {
  it("sees from low fidelities which is best at the target", async () => {
    const { signal } = new AbortController();
    const model = await fitStudy(createLocalSurrogate(), data, {}, signal);
    const recommendation = await recommendFromModel(data, model, signal);
    expect(recommendation.point).toEqual({ x: 0.35, y: 0.7, super_batch: 50_000 });
    // Of the trials at 0.35 the one with the larger super-batch.
    expect(recommendation.observation).toBe(4);
    expect(recommendation.mean).toBeLessThan(observations[2]!.value);
    expect(recommendation.standardDeviation).toBeGreaterThan(0);
  });
});
