import { expect, it } from "vitest";
import { addCosts, createCostMeter, noCost } from "./cost.ts";

function fakeClock() {
  const clock = Object.assign(() => clock.now, { now: 5 });
  return clock;
}

it("attributes time to phases; what is between them is only in the total", async () => {
  const clock = fakeClock();
  const meter = createCostMeter(clock);
  await meter.measure("data", () => {
    clock.now += 1;
  });
  clock.now += 10;
  await meter.measure("gradient", async () => {
    clock.now += 2;
    await Promise.resolve();
    clock.now += 4;
  });
  await meter.measure("data", () => {
    clock.now += 0.5;
  });
  expect(meter.cost()).toEqual({ total: 17.5, data: 1.5, gradient: 6, scoring: 0, evaluation: 0 });
});

it("counts the time of work that fails", async () => {
  const clock = fakeClock();
  const meter = createCostMeter(clock);
  const failing = meter.measure("scoring", () => {
    clock.now += 3;
    throw new Error("lost");
  });
  await expect(failing).rejects.toThrow("lost");
  expect(meter.cost().scoring).toBe(3);
});

it("adds costs phase by phase", () => {
  const cost = { total: 20, scoring: 1, gradient: 2, evaluation: 3, data: 4 };
  expect(addCosts(cost, cost)).toEqual({ total: 40, scoring: 2, gradient: 4, evaluation: 6, data: 8 });
  expect(addCosts(cost, noCost)).toEqual(cost);
});
