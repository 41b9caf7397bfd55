import { expect, it } from "vitest";
import { scheduleFactor } from "./schedule.ts";

it("constant stays", () => {
  expect([0, 0.3, 1].map((p) => scheduleFactor({ kind: "constant" }, p))).toEqual([1, 1, 1]);
});

it("cosine goes from one through a half to zero", () => {
  expect(scheduleFactor({ kind: "cosine" }, 0)).toBe(1);
  expect(scheduleFactor({ kind: "cosine" }, 0.5)).toBeCloseTo(0.5, 12);
  expect(scheduleFactor({ kind: "cosine" }, 1)).toBeCloseTo(0, 12);
});

it("step drops after one and two thirds", () => {
  const schedule = { kind: "step", factor: 0.1, drops: 2 } as const;
  const factors = [0, 0.33, 1 / 3, 0.66, 2 / 3, 1].map((p) => scheduleFactor(schedule, p).toPrecision(6));
  expect(factors.map(Number)).toEqual([1, 1, 0.1, 0.1, 0.01, 0.01]);
});

it("warm-up grows linearly and then lets the schedule through", () => {
  const at = (p: number) => scheduleFactor({ kind: "constant" }, p, 0.2);
  expect([0, 0.1, 0.2, 0.9].map(at)).toEqual([0, 0.5, 1, 1]);
});

it("budgets that are overdrawn count as used", () => {
  expect(scheduleFactor({ kind: "cosine" }, 1.7)).toBeCloseTo(0, 12);
});
