import { optimizer } from "@superbatch/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leaseDefaults } from "../domain/spec.ts";
import type { AlgorithmSpec } from "../domain/suggest/algorithm-spec.ts";
import { testSpace } from "../testing/test-optimizer.ts";
import { specFromProto } from "./spec-from-proto.ts";
import { specToProto } from "./spec-to-proto.ts";
import { validateSpec } from "./validate-spec.ts";

const whole = (max: number) => fc.integer({ min: 1, max });
// A map of the generated code cannot have the key __proto__: it is dropped when the message is read.
const names = fc.string({ minLength: 1, maxLength: 9 }).filter((name) => name !== "__proto__");
const texts = fc.dictionary(names, fc.string({ maxLength: 9 }), {
  maxKeys: 3,
  noNullPrototype: true,
});
const optionals = { requiredKeys: ["kind"] as ["kind"] };

const model = {
  initialPoints: whole(1000),
  hyperparameterSamples: whole(100),
  overhead: fc.double({ min: 0, max: 100, noNaN: true }),
  ignoreCost: fc.constant(true),
  surrogate: fc.constantFrom("forest", "127.0.0.1:7603"),
  fallbackSurrogate: fc.constant("spare"),
  surrogateSeconds: fc.double({ min: 0.1, max: 3600, noNaN: true }),
  inference: fc.constantFrom("mcmc", "map"),
  gaussianProcess: fc.constantFrom(
    { fidelityNoise: true } as const,
    { inputWarping: true, fidelityKernel: "task" } as const,
    { fidelityKernel: "distance" } as const,
  ),
};
const representers = whole(498).map((count) => count + 2);
const fidelities = fc.constantFrom({}, { epochs: 8 });
const multiFidelity = {
  representers,
  initialFidelities: whole(10),
  pairedPoints: whole(1000),
  verification: fc.double({ min: 0, max: 1, noNaN: true }),
  fidelities,
};
const kind = <Kind extends AlgorithmSpec["kind"]>(name: Kind) => fc.constant(name);
const algorithms: fc.Arbitrary<AlgorithmSpec> = fc.oneof(
  fc.record({ kind: kind("random"), fidelities }, optionals),
  fc.record({ kind: kind("sobol"), fidelities }, optionals),
  fc.record({ kind: kind("fabolas"), ...model, representers }, optionals),
  fc.record({ kind: kind("expected-improvement"), ...model, fidelities }, optionals),
  fc.record({ kind: kind("tpe"), initialPoints: whole(1000), fidelities }, optionals),
  fc.record(
    {
      kind: kind("asha"),
      fidelity: fc.constant("epochs"),
      reductionFactor: fc.integer({ min: 2, max: 3 }),
      brackets: fc.integer({ min: 1, max: 3 }),
    },
    optionals,
  ),
  ...(["entropy-search", "max-value-entropy", "knowledge-gradient"] as const).map((name) =>
    fc.record({ kind: kind(name), ...model, ...multiFidelity }, optionals),
  ),
);

const specs = fc.record({
  space: fc.constant(testSpace),
  previousSpaces: fc.constant([]),
  objective: fc.constantFrom(
    { metric: "error", goal: "minimize", transform: "log" } as const,
    { metric: "top-1/accuracy", goal: "maximize", transform: "none" } as const,
  ),
  algorithm: algorithms,
  budget: fc.record({ maxTrials: whole(1e6), maxCost: whole(1e6), maxSeconds: whole(1e6) }),
  seed: fc.maxSafeNat(),
  costUnit: fc.constantFrom("seconds", "USD"),
  lease: fc.record({ seconds: whole(86_400), maxAttempts: whole(100), maxParallel: fc.nat(100) }),
  earlyStopping: fc.option(
    fc.record({ rule: fc.constant("median" as const), minTrials: whole(9), minStep: fc.nat(9) }),
  ),
  requirements: texts,
  labels: texts,
});

describe("a study's spec", () => {
  it("is valid, crosses the wire and comes back the same", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(validateSpec(spec, "spec")).toEqual([]);
        const bytes = optimizer.StudySpec.encode(specToProto(spec)).finish();
        expect(specFromProto(optimizer.StudySpec.decode(bytes), () => -1)).toEqual(spec);
      }),
    );
  });

  it.each([
    [{ kind: "asha", fidelity: "nobody" }, "spec.algorithm.asha.fidelity"],
    [{ kind: "asha", reductionFactor: 17 }, "spec.algorithm.asha.reduction_factor"],
    [{ kind: "asha", brackets: 4 }, "spec.algorithm.asha.brackets"],
    [{ kind: "asha", fidelity: "nobody", brackets: 3 }, "spec.algorithm.asha.fidelity"],
    [{ kind: "asha", reductionFactor: 1, brackets: 9 }, "spec.algorithm.asha.reduction_factor"],
    [{ kind: "tpe", initialPoints: 1001 }, "spec.algorithm.tpe.initial_points"],
    [{ kind: "fabolas", hyperparameterSamples: 101 }, "spec.algorithm.fabolas.model.hyperparameter_samples"],
    [{ kind: "entropy-search", verification: 1.5 }, "spec.algorithm.entropy_search.verification"],
    [{ kind: "max-value-entropy", representers: 1 }, "spec.algorithm.max_value_entropy.representers"],
    [{ kind: "max-value-entropy", overhead: -1 }, "spec.algorithm.max_value_entropy.model.overhead"],
    [{ kind: "knowledge-gradient", initialFidelities: 11 }, "spec.algorithm.knowledge_gradient.initial_fidelities"],
    [{ kind: "entropy-search", pairedPoints: 1001 }, "spec.algorithm.entropy_search.paired_points"],
    [
      { kind: "knowledge-gradient", fidelities: { nobody: 1 } },
      'spec.algorithm.knowledge_gradient.held_fidelities.values["nobody"]',
    ],
    [{ kind: "random", fidelities: { nobody: 1 } }, 'spec.algorithm.random.held_fidelities.values["nobody"]'],
    [
      { kind: "expected-improvement", fidelities: { epochs: 8.5 } },
      'spec.algorithm.expected_improvement.held_fidelities.values["epochs"]',
    ],
  ] as [AlgorithmSpec, string][])("%j is refused at %s", (algorithm, path) => {
    const spec = { ...specFromProto(undefined, () => 1), space: testSpace, algorithm };
    const paths = validateSpec(spec, "spec").map((violation) => violation.path);
    expect(paths.filter((each) => each.includes("algorithm"))).toEqual([path]);
  });

  it("has the contract's defaults where nothing is said", () => {
    expect(specFromProto(undefined, () => 42)).toEqual({
      space: { parameters: [], constraints: [] },
      previousSpaces: [],
      objective: { metric: "", goal: "minimize", transform: "none" },
      algorithm: { kind: "entropy-search" },
      budget: { maxTrials: 0, maxCost: 0, maxSeconds: 0 },
      seed: 42,
      costUnit: "seconds",
      lease: leaseDefaults,
      earlyStopping: null,
      requirements: {},
      labels: {},
    });
  });
});
