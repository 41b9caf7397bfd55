import { describe, expect, it } from "vitest";
import type { Outcome, Proposal, Tuner } from "./tuner.ts";
import { runInVirtualTime, type SimulatedTrial } from "./virtual-time.ts";

interface Told {
  readonly id: string;
  readonly outcome: Outcome;
}

/** Proposes 0, 1, 2, …, and recommends the best that it was told of. */
function counting(stopAt?: number): Tuner & { readonly told: Told[]; readonly reports: string[] } {
  let count = 0;
  const told: Told[] = [];
  const reports: string[] = [];
  return {
    told,
    reports,
    suggest: async () => ({ id: String(count), x: [count++], seconds: 0, byModel: false }),
    ...(stopAt !== undefined && {
      async report({ id }: Proposal, { epoch }: { epoch: number }) {
        reports.push(`${id} at ${epoch}`);
        return Number(id) === stopAt;
      },
    }),
    async complete({ id }, outcome) {
      told.push({ id, outcome });
    },
    async recommend() {
      const best = told.toSorted((a, b) => a.outcome.value - b.outcome.value)[0];
      return best && [Number(best.id)];
    },
    async close() {},
  };
}

/** Number i costs and takes `seconds(i)`, has the value −i, and a curve of two points. */
function simulate(seconds: (i: number) => number): (proposal: Proposal) => SimulatedTrial {
  return ({ x }) => {
    const total = seconds(x[0]!);
    const point = (share: number) => ({
      epoch: 2 * share,
      value: -x[0]! * share,
      cost: { total: share * total, scoring: 0, evaluation: 0 },
      seconds: share * total,
    });
    const outcome = { value: -x[0]!, cost: point(1).cost, priorCost: 0, stoppedEarly: false };
    return { curve: [point(0.5), point(1)], seconds: total, outcome };
  };
}

describe("a study in virtual time", () => {
  it("is judged when its cost is spent, by what it could pay", async () => {
    const tuner = counting();
    const outcome = await runInVirtualTime({
      tuner,
      workers: 1,
      checkpoints: [1, 4, 9.5],
      simulate: simulate(() => 2),
    });
    expect(outcome.recommended).toEqual([null, [1], [3]]);
    expect(outcome.trials.map(({ cost }) => cost)).toEqual([2, 2, 2, 2]);
    expect(outcome.elapsed).toBe(10);
  });

  it("lets several workers end in the order of their clocks", async () => {
    const tuner = counting();
    const seconds = (i: number) => [5, 1, 1, 1, 1, 1][i] ?? 3;
    const outcome = await runInVirtualTime({ tuner, workers: 2, checkpoints: [10], simulate: simulate(seconds) });
    // The second worker does 1 to 5 while the first does 0; at 5 the first comes before what was begun later.
    expect(tuner.told.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "0", "5"]);
    expect(outcome.elapsed).toBe(8);
  });

  it("stops trials whose curve the tuner gives up, at the cost until then", async () => {
    const tuner = counting(1);
    await runInVirtualTime({ tuner, workers: 1, checkpoints: [7], simulate: simulate(() => 2) });
    expect(tuner.reports.slice(0, 3)).toEqual(["0 at 1", "1 at 1", "2 at 1"]);
    expect(tuner.told.map(({ outcome }) => [outcome.value, outcome.cost.total, outcome.stoppedEarly])).toEqual([
      [-0, 2, false],
      [-0.5, 1, true],
      [-2, 2, false],
      [-3, 2, false],
    ]);
  });
});
