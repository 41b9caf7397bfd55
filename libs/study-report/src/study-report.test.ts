import { optimizer } from "@superbatch/contracts";
import { beforeAll, describe, expect, it } from "vitest";
import { studyReport } from "./study-report.ts";

const hostile = `"><script>window.pwned=1</script>`;

const study = optimizer.Study.fromJSON({
  name: "projects/default/studies/report",
  state: "STUDY_STATE_COMPLETED",
  spec: {
    objective: { metric: "error", goal: "GOAL_MINIMIZE" },
    costUnit: "s",
    space: {
      parameters: [
        { name: "rate", float: { min: 0.001, max: 1, scale: "SCALE_LOG" } },
        { name: "depth", integer: { min: 1, max: 4 } },
        { name: "kind", categorical: { categories: [hostile, "plain"] } },
        { name: "batch", integer: { min: 128, max: 4096, scale: "SCALE_LOG" }, fidelity: { target: 4096 } },
      ],
    },
  },
  progress: { completed: 12, cost: { total: 60 } },
});

const trials = Array.from({ length: 12 }, (_, i) =>
  optimizer.Trial.fromJSON({
    name: `${study.name}/trials/${i + 1}`,
    number: i + 1,
    state: "TRIAL_STATE_COMPLETED",
    worker: hostile,
    attempts: 1,
    parameters: {
      rate: { number: 10 ** -(i % 4) },
      depth: { number: 1 + (i % 4) },
      kind: { text: i % 2 ? hostile : "plain" },
      batch: { number: 128 * 2 ** (i % 6) },
    },
    measurement: { value: 0.1 + ((i * 7) % 5) / 10, metrics: {}, cost: { total: 5, gradient: 4 } },
    cost: { total: 5, gradient: 4 },
    startTime: new Date(1e12 + i * 6e3).toISOString(),
    endTime: new Date(1e12 + i * 6e3 + 5e3).toISOString(),
  }),
);

/** A model that answers at once. */
const reader = {
  getTrial: async ({ name }: { name: string }) => ({ trial: trials.find((trial) => trial.name === name) }),
  getRecommendation: async () => ({ parameters: trials[0]!.parameters }),
  queryPosterior: async ({ points }: { points: unknown[] }) => ({
    predictions: points.map((_, i) =>
      optimizer.Prediction.fromPartial({ mean: 0.1 + 0.01 * i, sd: 0.02, expectedCost: 1 + i }),
    ),
  }),
};

const context = { reader, study, trials, signal: new AbortController().signal, now: 1e12 + 1e5 };
const recommendation = optimizer.GetRecommendationResponse.fromPartial({
  parameters: trials[0]!.parameters,
  mean: 0.1,
  sd: 0.01,
  trial: trials[0]!.name,
});

describe("the report", () => {
  let html = "";
  // Models are fitted, which takes its time on a busy machine.
  beforeAll(async () => {
    html = await studyReport(context, recommendation);
  }, 300_000);

  it("draws every figure in one page without scripts or anything from elsewhere", () => {
    for (const title of [
      "against cost",
      "Chosen batch",
      "What batch is worth",
      "Importance",
      "Uncertainty over",
      "Parallel coordinates",
      "How well the model predicts",
      "Cost by phase",
      "Best trials",
    ])
      expect(html).toContain(title);
    expect(html).not.toContain("Not shown");
    expect(html.match(/<svg/g)!.length).toBeGreaterThan(14);
    expect(html).not.toContain("<script");
    expect(html).not.toMatch(/(src|href)="https?:/);
    expect(html).toContain("default-src 'none'");
  });

  it("shows hostile names as text", () => {
    expect(html).not.toContain(hostile);
    expect(html).toContain("&lt;script&gt;");
  });

  it("of a study without trials says so", async () => {
    const empty = await studyReport({ ...context, trials: [] }, undefined);
    expect(empty).toContain("No trial has completed yet.");
  });

  it("of a study whose model fails has the figures that need none, and the reason", { timeout: 300_000 }, async () => {
    const failing = { ...reader, queryPosterior: async () => Promise.reject(new Error("the surrogate is away")) };
    const partial = await studyReport({ ...context, reader: failing }, recommendation);
    expect(partial).toContain("Not shown: the surrogate is away");
    expect(partial).toContain("Parallel coordinates");
  });
});
