import { describe, expect, it } from "vitest";
import { explainSuggestion } from "./explanation.ts";
import type { AlgorithmSpec } from "./suggest/algorithm-spec.ts";
import { createSuggestionEngine } from "./suggest/create-engine.ts";
import type { Suggestion } from "./suggest/engine.ts";
import { withReport } from "./suggest/surrogate.ts";
import type { onlySurrogate } from "./suggest/surrogate-choice.ts";
import { createSurrogateDirectory } from "./suggest/surrogate-directory.ts";
import { createLocalSurrogate } from "./suggest/testing/local-surrogate.ts";
import { observeSobol, space } from "./suggest/testing/problem.ts";

const { signal } = new AbortController();
const local = createLocalSurrogate();
const observations = observeSobol(16);

async function suggest(
  algorithm: AlgorithmSpec,
  surrogate = local as Parameters<typeof onlySurrogate>[0],
  priors = false,
) {
  const connect = () => surrogate;
  const surrogates = createSurrogateDirectory({ own: "127.0.0.1:1", named: new Map(), addresses: "none", connect });
  const request = { space, algorithm, seed: "1", sequence: 20, observations, infeasible: [], pending: [], count: 1 };
  const earlier = priors ? { priors: [observeSobol(6)] } : {};
  const [suggestion] = await createSuggestionEngine({ surrogates }).suggest({ ...request, ...earlier }, signal);
  return suggestion!;
}

describe("explainSuggestion", () => {
  it("has no expected cost where cost is ignored", async () => {
    const { alternatives, ...explanation } = explainSuggestion(
      await suggest({ kind: "entropy-search", ignoreCost: true, verification: 0 }),
    );
    expect(explanation).not.toHaveProperty("expectedCost");
    expect(alternatives.length).toBeGreaterThan(2);
    for (const alternative of alternatives) expect(alternative).not.toHaveProperty("expectedCost");
  });

  it("has a verification's alternatives, at other fidelities", async () => {
    const suggestion = await suggest({ kind: "entropy-search", verification: 1 });
    const { verification, expectedCost, alternatives } = explainSuggestion(suggestion);
    expect(verification).toBe(true);
    expect(suggestion.point.super_batch).toBe(50_000);
    expect(alternatives.length).toBeGreaterThan(2);
    for (const { fidelities, ...others } of alternatives) {
      expect(fidelities.super_batch).toBeLessThan(50_000);
      expect(others.expectedCost).toBeLessThan(expectedCost!);
      expect(others.entropyReduction).toBeGreaterThanOrEqual(0);
    }
  });

  it("says nothing of feasibility where the algorithm does not know it", async () => {
    const { explanation } = await suggest({ kind: "tpe" });
    expect(explanation).toBeDefined();
    expect(explanation).not.toHaveProperty("feasibility");
  });

  it.each([
    [0.25, 0.25],
    [1, undefined],
  ])("tells a feasibility of %d as %s", async (given, told) => {
    const suggestion = await suggest({ kind: "entropy-search" });
    const explanation = { ...suggestion.explanation!, feasibility: given };
    const { feasibility, note } = explainSuggestion({ ...suggestion, explanation });
    expect(feasibility).toBe(told);
    expect(note.includes("probability of being feasible")).toBe(told !== undefined);
  });

  it.each([false, true])("tells what the surrogate approximated, with earlier studies: %s", async (priors) => {
    const report = { approximation: "subset: 12 of 16 observations", jitter: 1.2e-8 };
    const approximate = {
      fit: async (...given: Parameters<typeof local.fit>) => withReport(await local.fit(...given), report),
    };
    const { note } = explainSuggestion(await suggest({ kind: "entropy-search" }, approximate, priors));
    expect(note).toMatch(
      /; the surrogate approximated: subset: 12 of 16 observations; the surrogate added a jitter of 1e-8$/,
    );
    const { fit, ...exact } = await suggest({ kind: "entropy-search" });
    expect(fit).toEqual({ observations: 16, results: 16 });
    expect(explainSuggestion(exact).note).not.toContain("surrogate");
  });

  it("tells of how many results the model was given a choice", () => {
    const suggestion: Suggestion = {
      point: {},
      origin: "model",
      replicate: false,
      fit: { observations: 4_900, results: 20_000 },
    };
    expect(explainSuggestion(suggestion).note).toBe("modelled from 4900 of 20000 results");
  });
});
