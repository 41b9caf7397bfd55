import { describe, expect, it } from "vitest";
import { createSuggestionEngine } from "./create-engine.ts";
import type { Surrogate } from "./surrogate.ts";
import type { SurrogateChoice, SurrogateDirectory } from "./surrogate-choice.ts";
import { createBrokenSurrogate, createLocalSurrogate } from "./testing/local-surrogate.ts";
import { observeSobol, space } from "./testing/problem.ts";

const { signal } = new AbortController();
const observations = observeSobol(8);
const request = {
  space,
  algorithm: { kind: "entropy-search", surrogate: "mine", fallbackSurrogate: "spare" } as const,
  seed: "1",
  sequence: 20,
  observations,
  infeasible: [],
  pending: [],
  count: 1,
};

function directory(surrogates: Record<string, Surrogate>): SurrogateDirectory & { asked: SurrogateChoice[] } {
  const asked: SurrogateChoice[] = [];
  return {
    asked,
    choose(choice) {
      asked.push(choice);
      return Object.entries(surrogates).map(([name, surrogate]) => ({ name, surrogate }));
    },
  };
}

/** Fits well, and fails when asked. */
const forgetful: Surrogate = {
  fit: async () => async () => {
    throw new Error("out of memory");
  },
};

describe("choice of surrogates", () => {
  it("asks the study's own surrogate, and says which one that was", async () => {
    const surrogates = directory({ mine: createLocalSurrogate(), spare: createBrokenSurrogate() });
    const [suggestion] = await createSuggestionEngine({ surrogates }).suggest(request, signal);
    expect(surrogates.asked[0]).toMatchObject({ surrogate: "mine", fallbackSurrogate: "spare" });
    expect(suggestion).toMatchObject({ origin: "model", surrogate: "mine" });
    expect(suggestion).not.toHaveProperty("surrogateFailure");
  });

  it.each([
    ["cannot fit", createBrokenSurrogate(), /^mine: /],
    ["fails when it is asked", forgetful, /^mine: out of memory$/],
  ])("goes on with the next one where the first %s, and says why", async (_, broken, failure) => {
    const surrogates = directory({ mine: broken, spare: createLocalSurrogate() });
    const engine = createSuggestionEngine({ surrogates });
    const [suggestion] = await engine.suggest(request, signal);
    expect(suggestion).toMatchObject({
      origin: "model",
      surrogate: "spare",
      surrogateFailure: expect.stringMatching(failure),
    });
    // The same point as if the spare had been the only one.
    const [alone] = await createSuggestionEngine({ surrogate: createLocalSurrogate() }).suggest(request, signal);
    expect(suggestion!.point).toEqual(alone!.point);
    expect((await engine.recommend(request, signal))!.basis).toBe("model");
    expect(await engine.query({ ...request, points: [observations[0]!.point] }, signal)).toHaveLength(1);
  });

  it("draws a point where all fail, and names each failure", async () => {
    const surrogates = directory({ mine: forgetful, spare: forgetful });
    const [suggestion] = await createSuggestionEngine({ surrogates }).suggest(request, signal);
    expect(suggestion).toMatchObject({
      origin: "random",
      fallback: expect.stringMatching(/mine: out of memory; spare: out of memory/),
    });
  });

  it("stops with its signal instead of trying others", async () => {
    const controller = new AbortController();
    const aborting: Surrogate = {
      async fit() {
        controller.abort(new Error("enough"));
        throw new Error("cancelled");
      },
    };
    const surrogates = directory({ mine: aborting, spare: createLocalSurrogate() });
    await expect(createSuggestionEngine({ surrogates }).suggest(request, controller.signal)).rejects.toThrow("enough");
  });
});
