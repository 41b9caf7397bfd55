import { describe, expect, it } from "vitest";
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
});

describe("recommendFromModel", () => {
  it("sees from low fidelities which is best at the target", async () => {
    const { signal } = new AbortController();
    const model = await fitStudy(createLocalSurrogate(), data, undefined, signal);
    const recommendation = await recommendFromModel(data, model, signal);
    expect(recommendation.point).toEqual({ x: 0.35, y: 0.7, super_batch: 50_000 });
    expect(observations[recommendation.observation]!.point.x).toBe(0.35);
    expect(recommendation.mean).toBeLessThan(observations[2]!.value);
    expect(recommendation.standardDeviation).toBeGreaterThan(0);
  });
});
