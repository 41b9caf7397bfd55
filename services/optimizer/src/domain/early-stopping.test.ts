import { noCost, type ProgressPoint } from "@superbatch/store";
import { describe, expect, it } from "vitest";
import { type Curve, curvesOf, medianRule } from "./early-stopping.ts";
import type { MedianStopping, Objective } from "./spec.ts";

const error: Objective = { metric: "error", goal: "minimize", transform: "none" };
const accuracy: Objective = { metric: "accuracy", goal: "maximize", transform: "none" };
const rule: MedianStopping = { rule: "median", minTrials: 3, minStep: 0 };

function curve(trial: number, ...values: number[]): Curve {
  return { trial, points: values.map((value, i) => ({ step: i + 1, value, cost: 0 })) };
}

describe("the median rule", () => {
  // Averages up to step 2: 0.5, 0.4, 0.3; their median is 0.4.
  const completed = [curve(1, 0.6, 0.4, 0.1), curve(2, 0.5, 0.3, 0.1), curve(3, 0.4, 0.2, 0.1)];

  it("stops a trial whose best value is worse than the median of the averages so far", () => {
    expect(medianRule(rule, error, curve(4, 0.9, 0.41), completed)?.reason).toBe(
      "its best error up to step 2, 0.4100, is worse than the median 0.4000 of 3 trials",
    );
    expect(medianRule(rule, error, curve(4, 0.9, 0.39), completed)).toBeUndefined();
    expect(medianRule(rule, error, curve(4, 0.4, 0.9), completed)).toBeUndefined();
  });

  it("takes the other side when the goal is to maximize", () => {
    const mirrored = completed.map(({ trial, points }) => curve(trial, ...points.map(({ value }) => 1 - value)));
    expect(medianRule(rule, accuracy, curve(4, 0.1, 0.59), mirrored)?.reason).toContain("median 0.6000");
    expect(medianRule(rule, accuracy, curve(4, 0.1, 0.61), mirrored)).toBeUndefined();
  });

  it("waits for enough trials, for its first step, and for a value", () => {
    const hopeless = curve(4, 0.9, 0.9);
    expect(medianRule({ ...rule, minTrials: 4 }, error, hopeless, completed)).toBeUndefined();
    expect(medianRule({ ...rule, minStep: 3 }, error, hopeless, completed)).toBeUndefined();
    expect(medianRule({ ...rule, minStep: 2 }, error, hopeless, completed)).toBeDefined();
    expect(medianRule(rule, error, curve(4), completed)).toBeUndefined();
    const late = completed.map(({ trial }) => ({ trial, points: [{ step: 10, value: 0.1, cost: 0 }] }));
    expect(medianRule(rule, error, hopeless, late)).toBeUndefined();
  });
});

describe("curves", () => {
  it("are of the metric, ascending, of the attempt that counts", () => {
    const point = (trial: number, attempt: number, step: number, metrics: Record<string, number>): ProgressPoint => ({
      study: "s",
      trial,
      attempt,
      step,
      metrics,
      cost: noCost,
      time: 0,
    });
    const points = [
      point(1, 1, 1, { error: 0.9 }),
      point(1, 2, 2, { error: 0.5 }),
      point(1, 2, 1, { error: 0.7 }),
      point(2, 1, 1, { loss: 3 }),
      point(3, 1, 1, { error: 0.8 }),
    ];
    const attempts = new Map([
      [1, 2],
      [2, 1],
    ]);
    expect(curvesOf(points, "error", (trial) => attempts.get(trial))).toEqual([curve(1, 0.7, 0.5)]);
  });
});
