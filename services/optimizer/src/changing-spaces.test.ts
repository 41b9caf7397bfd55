import { spaceToProto } from "@superbatch/contracts";
import { fieldViolations } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  createTestStudy,
  leaseOne,
  result,
  startTestOptimizer,
  type TestOptimizer,
  testSpace,
} from "./testing/test-optimizer.ts";

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

const number = (value: number) => ({ kind: { $case: "number" as const, value } });
const wider = spaceToProto({
  ...testSpace,
  parameters: [
    ...testSpace.parameters,
    { name: "decay", domain: { kind: "float", min: 0, max: 1, scale: "linear" } } as const,
  ],
});
const values = (layers: number) => ({ rate: number(0.1), layers: number(layers), epochs: number(4) });

describe("a parameter that a new space adds", () => {
  it("has its former value in old results and waiting trials, which stay in the model", async () => {
    const study = await createTestStudy(test.client);
    const trials = [{ parameters: values(2), measurement: result(0.5) }, { parameters: values(3) }];
    await test.client.addTrials({ study, trials });
    const { outsideSpace } = await test.client.updateStudy({
      name: study,
      space: wider,
      formerValues: { decay: number(0.25) },
    });
    expect(outsideSpace).toBe(0);
    const { trial } = await leaseOne(test.client, study);
    expect(trial).toMatchObject({ number: 2, spaceVersion: 2, parameters: { decay: number(0.25) } });
    await leaseOne(test.client, study);
    expect(test.engine.requests.at(-1)!.observations).toEqual([
      { point: { rate: 0.1, layers: 2, epochs: 4, decay: 0.25 }, value: 0.5, cost: 1 },
    ]);
    expect((await test.client.getTrial({ name: `${study}/trials/1` })).trial!.outsideSpace).toBe(false);
  });

  it("puts old results outside without one, and each of them says so", async () => {
    const study = await createTestStudy(test.client);
    await test.client.addTrials({ study, trials: [{ parameters: values(2), measurement: result(0.5) }] });
    expect((await test.client.updateStudy({ name: study, space: wider })).outsideSpace).toBe(1);
    const [one] = (await test.client.listTrials({ study })).trials;
    expect(one).toMatchObject({ state: "TRIAL_STATE_COMPLETED", outsideSpace: true });
    expect((await leaseOne(test.client, study)).trial!.outsideSpace).toBe(false);
  });
});

describe("a former value", () => {
  const refused = async (request: {
    space?: typeof wider;
    formerValues: Record<string, ReturnType<typeof number>>;
  }) => {
    const study = await createTestStudy(test.client);
    const error = await test.client.updateStudy({ name: study, ...request }).catch((caught: unknown) => caught);
    expect((await test.client.getStudy({ name: study })).study!.spaceVersion).toBe(1);
    return fieldViolations(error).map(({ path }) => path);
  };

  it("is refused without a space", async () => {
    expect(await refused({ formerValues: { decay: number(0.25) } })).toEqual(["former_values"]);
  });

  it("is refused for a parameter that is not new, not there, or cannot have it", async () => {
    const formerValues = { rate: number(0.1), other: number(1), decay: number(2) };
    expect(await refused({ space: wider, formerValues })).toEqual([
      'former_values["rate"]',
      'former_values["other"]',
      'former_values["decay"]',
    ]);
  });
});

describe("a study with earlier ones", () => {
  const entropySearch = { kind: { $case: "entropySearch" as const, value: {} } };

  it("hands their results to its model as they were, in its own space, and says how many there are", async () => {
    const earlier = await createTestStudy(test.client, {}, "earlier");
    const trials = [2, 8].map((layers) => ({ parameters: values(layers), measurement: result(0.5, 3) }));
    await test.client.addTrials({ study: earlier, trials });
    const parameters = testSpace.parameters.map((parameter) =>
      parameter.name === "layers"
        ? { name: "layers", domain: { kind: "integer", min: 1, max: 4, scale: "linear" } as const }
        : parameter,
    );
    const spec = {
      space: spaceToProto({ ...testSpace, parameters }),
      algorithm: entropySearch,
      priorStudies: [earlier],
    };
    const study = await createTestStudy(test.client, spec, "later");
    await test.client.deleteStudy({ name: earlier });
    const shown = (await test.client.getStudy({ name: study })).study!;
    expect(shown.spec!.priorStudies).toEqual([earlier]);
    expect(shown.priors).toEqual([{ study: earlier, observations: 2, outsideSpace: 1 }]);
    await complete(test.client, await leaseOne(test.client, study));
    const [request] = test.engine.requests;
    expect(request!.priors).toEqual([[{ point: { rate: 0.1, layers: 2, epochs: 4 }, value: 0.5, cost: 3 }]]);
    expect(request!.observations).toEqual([]);
  });

  it("is refused for studies that are not there, or have another goal, or an algorithm without a model", async () => {
    const opposite = await createTestStudy(
      test.client,
      { objective: { metric: "error", goal: "GOAL_MAXIMIZE" } },
      "up",
    );
    const refusal = async (spec: Parameters<typeof createTestStudy>[1]) =>
      fieldViolations(await createTestStudy(test.client, spec, "later").catch((caught: unknown) => caught));
    const priorStudies = [opposite, "projects/default/studies/none", "nonsense"];
    expect((await refusal({ algorithm: entropySearch, priorStudies })).map(({ path }) => path)).toEqual([
      "study.spec.prior_studies[2]",
    ]);
    const two = priorStudies.slice(0, 2);
    expect((await refusal({ algorithm: entropySearch, priorStudies: two })).map(({ path }) => path)).toEqual([
      "study.spec.prior_studies[0]",
      "study.spec.prior_studies[1]",
    ]);
    expect(await refusal({ priorStudies: [opposite] })).toMatchObject([
      { path: "study.spec.prior_studies", message: expect.stringContaining("random") },
    ]);
  });
});
