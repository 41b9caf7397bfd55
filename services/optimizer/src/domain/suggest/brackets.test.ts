import type { Point, SearchSpace } from "@superbatch/search-space";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlgorithmSpec } from "./algorithm-spec.ts";
import { createSuggestionEngine } from "./create-engine.ts";
import type { Observation, SuggestRequest } from "./engine.ts";
import { rungFidelity, rungsOf } from "./rungs.ts";
import { type Fleet, runFleet } from "./testing/fleet.ts";
import { createBrokenSurrogate } from "./testing/local-surrogate.ts";
import { observe, regret, runStudy, space } from "./testing/problem.ts";

const engine = createSuggestionEngine({ surrogate: createBrokenSurrogate() });
const { signal } = new AbortController();

const epochs = (max: number) =>
  ({
    name: "epochs",
    domain: { kind: "integer", min: 1, max, scale: "log" },
    fidelity: { target: max, basis: "linear" },
  }) as const;
const unit = { kind: "float", min: 0, max: 1, scale: "linear" } as const;
const deep: SearchSpace = {
  parameters: [{ name: "x", domain: unit }, { name: "y", domain: unit }, epochs(81)],
  constraints: [],
};
const small: SearchSpace = {
  parameters: [{ name: "n", domain: { kind: "integer", min: 1, max: 6, scale: "linear" } }, epochs(9)],
  constraints: [],
};
const observeSmall = (point: Point): Observation => ({ point, value: Math.abs((point.n as number) - 4), cost: 1 });

/** Below 27 epochs the minimum is at (0.9, 0.9), from there on at (0.2, 0.2). */
function observeMisleading(point: Point): Observation {
  const [x, y, spent] = [point.x, point.y, point.epochs] as [number, number, number];
  const best = spent < 27 ? 0.9 : 0.2;
  return { point, value: (x - best) ** 2 + (y - best) ** 2, cost: spent };
}

const observed = (spent: number, values: readonly number[]): Observation[] =>
  values.map((value) => ({ point: { x: value, y: spent / 100, epochs: spent }, value, cost: spent }));

function suggest(algorithm: AlgorithmSpec, request: Partial<SuggestRequest>) {
  const nothing = { observations: [], infeasible: [], pending: [], sequence: 0, count: 1 };
  return engine.suggest({ space: deep, algorithm, seed: "1", ...nothing, ...request }, signal);
}

const someFail: Fleet["outcome"] = (index) =>
  index % 7 === 3 ? "infeasible" : index % 5 === 4 ? "failed" : "completed";

describe.each([undefined, 1])("%s brackets", (brackets) => {
  const own = brackets === undefined ? {} : { brackets };

  it("are successive halving, point by point", async () => {
    const algorithm: AlgorithmSpec = { kind: "asha", reductionFactor: 4, ...own };
    const fleet: Fleet = { workers: 3, trials: 24, outcome: someFail };
    const found = await runFleet(engine, { space, algorithm, seed: "11" }, observe, fleet);
    expect(found.map(({ point }) => [point.x, point.y, point.super_batch])).toEqual([
      [0.723274645506, 0.623502482898, 195],
      [0.09898165454, 0.594785522873, 195],
      [0.544890410936, 0.562573409243, 195],
      [0.052061468825, 0.614218620104, 195],
      [0.651354757635, 0.112883625608, 195],
      [0.737941274767, 0.924797749577, 195],
      [0.841938881717, 0.882714482545, 195],
      [0.384026916889, 0.399987481305, 195],
      [0.544890410936, 0.562573409243, 781],
      [0.920855715464, 0.442594474311, 195],
      [0.376470364145, 0.008896877693, 195],
      [0.58315158107, 0.971989478758, 195],
      [0.024951214213, 0.248925830561, 195],
      [0.483952514618, 0.860540382799, 195],
      [0.10906171943, 0.285358556063, 195],
      [0.384026916889, 0.399987481305, 781],
      [0.263055400877, 0.121834382328, 195],
      [0.712773741736, 0.343979736212, 195],
      [0.211987741263, 0.757512591003, 195],
      [0.868233921113, 0.284773206543, 195],
      [0.229946006078, 0.452470639227, 195],
      [0.961392591782, 0.270536390942, 195],
      [0.165421682612, 0.219674552325, 195],
      [0.483952514618, 0.860540382799, 781],
    ]);
  });

  it("are successive halving in a space that is used up", async () => {
    const study = { space: small, algorithm: { kind: "asha", ...own }, seed: "11" } as const;
    const found = await runFleet(engine, study, observeSmall, { workers: 3, outcome: someFail });
    expect(found.map(({ point }) => `${point.n}@${point.epochs}`).join(" ")).toBe(
      "5@1 1@1 4@1 3@1 2@1 4@3 6@1 2@1 4@9 5@3 6@3 2@3 5@3 1@3 2@9 5@9 1@9 2@9",
    );
  });
});

describe("several brackets", () => {
  it("share configurations out as Hyperband does", async () => {
    // Li et al. 2018, algorithm 1 at R = 81 and η = 3: each bracket gets a budget of 405, configurations rounded down instead of up.
    const started = await suggest({ kind: "asha", brackets: 5 }, { count: 81 + 33 + 15 + 7 + 5 });
    expect(startsOf(started)).toEqual([81, 33, 15, 7, 5]);
    // And never is one ahead by more than a configuration, of 5, 12, 27, 54 and 81 epochs.
    const spent = [5, 12, 27, 54, 81];
    for (let count = 1; count < started.length; count++) {
      const counts = startsOf(started.slice(0, count));
      const ahead = Math.max(...counts.map((each, s) => each * spent[s]!));
      expect(ahead).toBeLessThanOrEqual(Math.min(...counts.map((each, s) => (each + 1) * spent[s]!)));
    }
  });

  it("raise a configuration from where it began, rung by rung, and never evaluate it below", async () => {
    const studies = fc.record({
      factor: fc.integer({ min: 2, max: 4 }),
      brackets: fc.integer({ min: 2, max: 4 }),
      workers: fc.integer({ min: 1, max: 4 }),
      seed: fc.string({ minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(studies, async ({ factor, brackets, workers, seed }) => {
        const algorithm: AlgorithmSpec = { kind: "asha", reductionFactor: factor, brackets };
        const fleet: Fleet = { workers, trials: 60, outcome: someFail };
        const found = await runFleet(engine, { space: deep, algorithm, seed }, observeMisleading, fleet);
        const rungs = rungsOf(rungFidelity(deep, "epochs")!, factor);
        const completed = new Map<string, number>();
        const starts = new Set<number>();
        found.forEach(({ point, origin }, index) => {
          const configuration = JSON.stringify([point.x, point.y]);
          const rung = rungs.indexOf(point.epochs as number);
          if (origin === "promotion") expect(rung).toBe(completed.get(configuration)! + 1);
          else {
            expect(completed.has(configuration)).toBe(false);
            starts.add(rung);
          }
          if (someFail(index) === "completed") completed.set(configuration, rung);
        });
        expect([...starts].sort()).toEqual(Array.from({ length: brackets }, (_, s) => s));
      }),
      { numRuns: 20 },
    );
  });

  it("raise the best of their own", async () => {
    // At rung 1, 3 epochs: three that began below and are better than three that began there.
    const raised = [0.1, 0.2, 0.3];
    const below = observed(1, raised).map((each, i) => ({
      ...each,
      point: { ...observed(3, raised)[i]!.point, epochs: 1 },
    }));
    const observations = [...below, ...observed(3, raised), ...observed(3, [0.5, 0.6, 0.7])];
    const next = async (brackets: number, pending: Point[] = []) =>
      (await suggest({ kind: "asha", brackets }, { observations, pending, sequence: 9 }))[0]!;
    const best = { x: 0.1, y: 0.03, epochs: 9 };
    expect(await next(2)).toMatchObject({ origin: "promotion", point: best });
    expect(await next(2, [best])).toMatchObject({ origin: "promotion", point: { x: 0.5, epochs: 9 } });
    expect(await next(1, [best])).toMatchObject({ origin: "promotion", point: { x: 0.2, epochs: 9 } });
    expect(await next(2, [best, { x: 0.5, y: 0.03, epochs: 9 }])).toMatchObject({ origin: "random" });
  });

  it("take a configuration's bracket from pending and infeasible trials too", async () => {
    const [{ point }] = observed(3, [0.1]) as [Observation];
    const starts = async (request: Partial<SuggestRequest>) =>
      startsOf(await suggest({ kind: "asha", brackets: 2 }, { count: 3, ...request }));
    expect(await starts({})).toEqual([2, 1, 0, 0, 0]);
    expect(await starts({ pending: [point] })).toEqual([3, 0, 0, 0, 0]);
    expect(await starts({ infeasible: [point] })).toEqual([3, 0, 0, 0, 0]);
  });

  it("have known results from above all starts compete in the last one, and start as if they were not there", async () => {
    const request = { observations: observed(9, [0.1, 0.2, 0.3]), count: 6 };
    const found = await suggest({ kind: "asha", brackets: 2 }, request);
    expect(found[0]).toMatchObject({ origin: "promotion", point: { x: 0.1, epochs: 27 } });
    expect(startsOf(found.slice(1))).toEqual([4, 1, 0, 0, 0]);
  });

  it("start each configuration of a small space in one of them, and take it to the top", async () => {
    const study = { space: small, algorithm: { kind: "asha", brackets: 2 }, seed: "3" } as const;
    const found = await runFleet(engine, study, observeSmall, { workers: 2 });
    const started = found.filter(({ origin }) => origin === "random").map(({ point }) => point);
    expect(started.map(({ n }) => n).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(started.map((point) => point.epochs))).toEqual(new Set([1, 3]));
    const top = found.filter(({ point }) => point.epochs === 9).map(({ point }) => point.n);
    expect(top.sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("are as many as there are rungs at most, also where a new space has fewer", async () => {
    const found = await suggest({ kind: "asha", brackets: 5 }, { space: small, count: 6 });
    expect(new Set(found.map(({ point }) => point.epochs))).toEqual(new Set([1, 3, 9]));
  });

  it("find a better point than one at the same cost where low fidelities mislead", async () => {
    const best = async (brackets: number, seed: string) => {
      const study = { space: deep, algorithm: { kind: "asha", brackets }, seed } as const;
      const found = await runFleet(engine, study, observeMisleading, { workers: 1, cost: 1500 });
      const atTarget = found.filter(({ point }) => point.epochs === 81);
      return Math.min(...atTarget.map(({ point }) => observeMisleading(point).value));
    };
    for (const seed of ["a", "b", "c"]) expect(await best(5, seed)).toBeLessThan((await best(1, seed)) / 4);
  });

  it("find better points than random search at the same cost where low fidelities tell of the target", async () => {
    const regretOf = async (algorithm: AlgorithmSpec) => {
      let sum = 0;
      for (const seed of ["a", "b", "c", "d", "e", "f"]) {
        const { observations } = await runStudy(engine, algorithm, seed, { cost: 80 });
        sum += regret((await engine.recommend({ space, algorithm, seed, observations }, signal))!.point);
      }
      return sum;
    };
    const brackets = await regretOf({ kind: "asha", reductionFactor: 4, brackets: 4 });
    expect(brackets).toBeLessThan((await regretOf({ kind: "random" })) / 2);
  });
});

/** How many of the points are at each rung of `deep` at η = 3. */
function startsOf(suggestions: readonly { readonly point: Point }[]): number[] {
  return [1, 3, 9, 27, 81].map((rung) => suggestions.filter(({ point }) => point.epochs === rung).length);
}
