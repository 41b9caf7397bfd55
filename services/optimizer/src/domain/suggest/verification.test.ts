import { isDeepStrictEqual } from "node:util";
import { createMatrix } from "@superbatch/linalg";
import { createRng, type Rng } from "@superbatch/random";
import { encode, type Point, type SearchSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import type { SuggestState } from "./algorithm.ts";
import type { AlgorithmSpec } from "./algorithm-spec.ts";
import { createSuggestionEngine } from "./create-engine.ts";
import type { Observation } from "./engine.ts";
import { fitStudy } from "./model-fit.ts";
import { studyData } from "./study-data.ts";
import { createLocalSurrogate } from "./testing/local-surrogate.ts";
import { observe, observeSobol, space } from "./testing/problem.ts";
import { pointToVerify } from "./verification.ts";

const { signal } = new AbortController();
const cheap = observeSobol(32).map(({ point }, i) => observe({ ...point, super_batch: [128, 256, 512, 1024][i % 4]! }));

async function verify(share: number, observations = cheap, pending: Float64Array[] = [], rng?: Rng) {
  const data = studyData({ space, algorithm: { kind: "entropy-search" }, seed: "1", observations });
  const model = await fitStudy(createLocalSurrogate(), data, {}, signal);
  const state = { data, known: data.x, pending, infeasible: [], signal } as unknown as SuggestState;
  return { data, model, row: await pointToVerify(state, model, share, rng) };
}

describe("pointToVerify", () => {
  it("is the model's minimizer at the highest fidelity, also where nothing was evaluated", async () => {
    const { data, model, row } = await verify(0.6, cheap, [], createRng(1));
    expect(row![2]).toBe(1);
    const grid = Array.from({ length: 41 ** 2 }, (_, i) => [(i % 41) / 40, Math.floor(i / 41) / 40, 1]);
    const rows = [Array.from(row!), ...data.x.map((x) => [x[0]!, x[1]!, 1]), ...grid];
    const points = createMatrix(rows.length, 3, Float64Array.from(rows.flat()));
    const posteriors = await model("objective", createMatrix(0, 3), points);
    const means = rows.map((_, i) => posteriors.reduce((sum, { mean }) => sum + mean[i]! / posteriors.length, 0));
    const [found, ...others] = means;
    expect(found).toBeLessThan(Math.min(...others.slice(0, data.x.length)));
    // Local search is not exhaustive: a hundredth of the range of means above the lowest of the grid at most.
    expect(found).toBeLessThan(Math.min(...others) + 0.01 * (Math.max(...others) - Math.min(...others)));
  });

  it("is the incumbent at the highest fidelity, once the share pays for it", async () => {
    const { data, model, row } = await verify(0.6);
    expect(row![2]).toBe(1);
    const index = data.x.findIndex((x) => x[0] === row![0] && x[1] === row![1]);
    const targets = createMatrix(data.x.length, 3, Float64Array.from(data.x.flatMap((x) => [x[0]!, x[1]!, 1])));
    const [posterior] = await model("objective", createMatrix(0, 3), targets);
    expect(posterior!.mean[index]).toBe(Math.min(...posterior!.mean));
    expect((await verify(0.05)).row).toBeUndefined();
    expect((await verify(0)).row).toBeUndefined();
  });

  it("has its share, whatever the acquisition spends at the highest fidelity", async () => {
    const target = cheap.slice(0, 8).map(({ point }) => observe({ ...point, super_batch: 50_000 }));
    expect((await verify(0.2, [...cheap, ...target])).row).toBeDefined();
    const verified = target.map((each) => ({ ...each, verification: true }));
    expect((await verify(0.2, [...cheap, ...verified])).row).toBeUndefined();
  });

  it("is nothing while one is under way, or the incumbent was evaluated there", async () => {
    const { data, row } = await verify(0.6);
    expect((await verify(0.6, cheap, [row!])).row).toBeUndefined();
    const index = data.x.findIndex((x) => x[0] === row![0] && x[1] === row![1]);
    const known = observe({ ...cheap[index]!.point, super_batch: 50_000 });
    expect((await verify(0.6, [...cheap, known])).row).not.toEqual(row);
  });
});

describe("entropy search", () => {
  const suggest = async (algorithm: AlgorithmSpec) => {
    const engine = createSuggestionEngine({ surrogate: createLocalSurrogate() });
    const request = { space, algorithm, seed: "1", sequence: 32, observations: cheap, infeasible: [], pending: [] };
    return (await engine.suggest({ ...request, count: 1 }, signal))[0]!;
  };

  it("says when it verifies, and does so only if it may", async () => {
    const verifying = await suggest({ kind: "entropy-search", verification: 0.6 });
    expect(verifying).toMatchObject({ origin: "model", explanation: { acquisition: "verification" } });
    expect(verifying.point.super_batch).toBe(50_000);
    expect(verifying.explanation!.entropyReduction).toBeDefined();
    const published = await suggest({ kind: "entropy-search", verification: 0 });
    expect(published.explanation!.acquisition).toBe("entropy-search-per-cost");
  });

  it("repeats no trial that it has verified unless it says so", async () => {
    const [, y, superBatch] = space.parameters;
    const few: SearchSpace = {
      parameters: [
        { name: "x", domain: { kind: "integer", min: 0, max: 3, scale: "linear" } },
        { ...y!, domain: { kind: "fixed", value: 0.7 } },
        // Below the target: the highest fidelity there is.
        { ...superBatch!, domain: { kind: "integer", min: 128, max: 5000, scale: "log" } },
      ],
      constraints: [],
    };
    const observed = ({ x, super_batch }: Point): Observation => ({
      ...observe({ x: (x as number) / 3, y: 0.7, super_batch: super_batch! }),
      point: { x: x!, y: 0.7, super_batch: super_batch! },
    });
    const observations = [0, 1, 2, 3].map((x) => observed({ x, super_batch: 128 }));
    const engine = createSuggestionEngine({ surrogate: createLocalSurrogate() });
    const algorithm = { kind: "entropy-search", verification: 1, initialPoints: 1, initialFidelities: 1 } as const;
    let verified = 0;
    for (let sequence = 4; sequence < 12; sequence++) {
      const request = { space: few, algorithm, seed: "1", sequence, observations, infeasible: [], pending: [] };
      const [suggestion] = await engine.suggest({ ...request, count: 1 }, signal);
      const { point, replicate, explanation, fallback } = suggestion!;
      expect(fallback).toBeUndefined();
      const known = observations.some((other) => isDeepStrictEqual(encode(few, other.point), encode(few, point)));
      expect(replicate).toBe(known);
      if (explanation?.acquisition === "verification") verified++;
      observations.push(observed(point));
    }
    expect(verified).toBeGreaterThan(0);
  });
});
