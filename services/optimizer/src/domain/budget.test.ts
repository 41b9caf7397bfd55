import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowance, reasonUsed, type Usage } from "./budget.ts";

const none = { maxTrials: 0, maxCost: 0, maxSeconds: 0 };
const unused: Usage = { completed: 0, held: 0, cost: 0, expectedCost: 0, averageCost: 0, seconds: 0 };

describe("a budget", () => {
  it("without limits is never used", () => {
    expect(allowance(none, { ...unused, completed: 1e6, cost: 1e9, seconds: 1e9 })).toBe(Number.POSITIVE_INFINITY);
  });

  it("of trials counts the completed and the held", () => {
    const budget = { ...none, maxTrials: 10 };
    expect(allowance(budget, { ...unused, completed: 4, held: 3 })).toBe(3);
    expect(allowance(budget, { ...unused, completed: 4, held: 7 })).toBe(0);
    expect(reasonUsed(budget, { ...unused, completed: 9 })).toBeUndefined();
    expect(reasonUsed(budget, { ...unused, completed: 10 })).toBe("the budget of 10 trials is used");
  });

  it("of cost counts what held trials are expected to cost, but is used only by what was spent", () => {
    const budget = { ...none, maxCost: 100 };
    expect(allowance(budget, { ...unused, cost: 60, averageCost: 20, expectedCost: 39 })).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(allowance(budget, { ...unused, cost: 60, averageCost: 20, expectedCost: 40 })).toBe(0);
    expect(reasonUsed(budget, { ...unused, cost: 99.9 })).toBeUndefined();
    expect(reasonUsed(budget, { ...unused, cost: 100 })).toBe("the budget of cost 100 is used");
  });

  it("of cost allows one trial at a time while no cost is known", () => {
    const budget = { ...none, maxCost: 100 };
    expect(allowance(budget, unused)).toBe(1);
    expect(allowance(budget, { ...unused, held: 1, cost: 5 })).toBe(0);
    expect(allowance(budget, { ...unused, held: 1, cost: 5, averageCost: 5 })).toBe(Number.POSITIVE_INFINITY);
  });

  it("of seconds ends with time", () => {
    const budget = { ...none, maxSeconds: 60 };
    expect(allowance(budget, { ...unused, seconds: 59 })).toBe(Number.POSITIVE_INFINITY);
    expect(allowance(budget, { ...unused, seconds: 60 })).toBe(0);
  });

  it("allows no lease once it is used, whichever limit it is", () => {
    const limit = fc.integer({ min: 0, max: 20 });
    const budget = fc.record({ maxTrials: limit, maxCost: limit, maxSeconds: limit });
    const number = fc.integer({ min: 0, max: 20 });
    const usage = fc.record({
      completed: number,
      held: number,
      cost: number,
      expectedCost: number,
      averageCost: number,
      seconds: number,
    });
    fc.assert(
      fc.property(budget, usage, (limits, used) => {
        if (reasonUsed(limits, used) !== undefined) expect(allowance(limits, used)).toBe(0);
        if (limits.maxTrials > 0)
          expect(allowance(limits, used) + used.completed + used.held).toBeLessThanOrEqual(
            Math.max(limits.maxTrials, used.completed + used.held),
          );
      }),
    );
  });
});
