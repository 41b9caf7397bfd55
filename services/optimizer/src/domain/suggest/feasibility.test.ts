import { describe, expect, it } from "vitest";
import { fitFeasibility } from "./feasibility.ts";
import { inferenceSize } from "./model-fit.ts";
import { studyData } from "./study-data.ts";
import type { Surrogate, SurrogateData, SurrogateFitOptions } from "./surrogate.ts";
import { createLocalSurrogate, firstOf } from "./testing/local-surrogate.ts";
import { observeSobol, space } from "./testing/problem.ts";

const { signal } = new AbortController();

async function asked(results: number, infeasible: number) {
  const asks: { data: SurrogateData; options: SurrogateFitOptions }[] = [];
  const local = createLocalSurrogate();
  const surrogate: Surrogate = {
    async fit(data, options) {
      asks.push({ data, options });
      return local.fit(firstOf(data, 1), { seed: 1 }, signal);
    },
  };
  const all = observeSobol(results + infeasible);
  const study = { space, algorithm: { kind: "entropy-search" as const }, seed: "1" };
  const data = studyData({ ...study, observations: all.slice(infeasible) });
  const others = studyData({ ...study, observations: all.slice(0, infeasible) }).x;
  await fitFeasibility(surrogate, data, others, {}, signal);
  return asks[0]!;
}

describe("fitFeasibility", () => {
  it("infers hyperparameters from some of many, the same ones after another result", async () => {
    const [before, after] = [await asked(100, 40), await asked(101, 40)];
    expect(before.options.inferFrom).toBe(inferenceSize(100) + inferenceSize(40));
    expect(after.options).toEqual(before.options);
    const first = before.options.inferFrom!;
    expect(after.data.y.subarray(0, first)).toEqual(before.data.y.subarray(0, first));
    expect(after.data.x.data.subarray(0, first * 3)).toEqual(before.data.x.data.subarray(0, first * 3));
    expect(before.data.y.filter((label) => label === 0)).toHaveLength(40);
    expect(after.data.y).toHaveLength(141);
  });

  it("gives the surrogate no more than a study's own model", async () => {
    const { data } = await asked(3_000, 3_000);
    expect(data.y.length).toBeLessThan(5_120);
    expect(data.y.filter((label) => label === 0).length).toBeGreaterThan(2_000);
  });
});
