import { optimizer } from "@superbatch/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leaseDefaults } from "../domain/spec.ts";
import { testSpace } from "../testing/test-optimizer.ts";
import { specFromProto } from "./spec-from-proto.ts";
import { specToProto } from "./spec-to-proto.ts";
import { validateSpec } from "./validate-spec.ts";

const whole = (max: number) => fc.integer({ min: 1, max });
const texts = fc.dictionary(fc.string({ minLength: 1, maxLength: 9 }), fc.string({ maxLength: 9 }), {
  maxKeys: 3,
  noNullPrototype: true,
});
const optionals = { requiredKeys: ["kind"] as ["kind"] };

const specs = fc.record({
  space: fc.constant(testSpace),
  previousSpaces: fc.constant([]),
  objective: fc.constantFrom(
    { metric: "error", goal: "minimize", transform: "log" } as const,
    { metric: "top-1/accuracy", goal: "maximize", transform: "none" } as const,
  ),
  algorithm: fc.oneof(
    fc.constantFrom({ kind: "random" } as const, { kind: "sobol" } as const),
    fc.record(
      {
        kind: fc.constant("entropy-search" as const),
        initialPoints: whole(1000),
        initialFidelities: whole(10),
        representers: whole(498).map((count) => count + 2),
        hyperparameterSamples: whole(100),
        overhead: fc.double({ min: 0, max: 100, noNaN: true }),
        ignoreCost: fc.constant(true),
      },
      optionals,
    ),
  ),
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
