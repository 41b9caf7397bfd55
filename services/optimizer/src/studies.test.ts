import { common, optimizer, spaceToProto } from "@superbatch/contracts";
import { fieldViolations } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  createTestStudy,
  leaseOne,
  result,
  type SpecParts,
  startTestOptimizer,
  type TestOptimizer,
  testSpace,
} from "./testing/test-optimizer.ts";

const { StudyState, TrialState, Goal, ObjectiveTransform } = optimizer;

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

describe("creating a study", () => {
  it("fills in defaults and shows them", async () => {
    const { study } = await test.client.createStudy({
      study: { spec: { space: spaceToProto(testSpace), objective: { metric: "error" } } },
    });
    expect(study!.name).toMatch(/^projects\/default\/studies\/study-[0-9a-f]+$/);
    expect(study).toMatchObject({
      state: StudyState.ACTIVE,
      spaceVersion: 1,
      etag: "1",
      spec: {
        costUnit: "seconds",
        objective: { goal: Goal.MINIMIZE, transform: ObjectiveTransform.NONE },
        algorithm: { kind: { $case: "entropySearch" } },
        lease: { leaseSeconds: 60, maxAttempts: 3, maxParallel: 0 },
        budget: { maxTrials: 0, maxCost: 0, maxSeconds: 0 },
      },
      createTime: new Date(test.now),
    });
    expect(study!.spec!.seed).toBeGreaterThan(0);
    expect(await test.client.getStudy({ name: study!.name })).toEqual({ study });
  });

  it("names everything that is wrong at once, and creates nothing", async () => {
    const spec: SpecParts = {
      space: {
        parameters: [
          { name: "a", domain: { $case: "float", value: { min: 1, max: 0 } } },
          { name: "a", domain: { $case: "boolean", value: {} } },
        ],
      },
      objective: { metric: "", goal: Goal.MAXIMIZE, transform: ObjectiveTransform.LOG },
      algorithm: { kind: { $case: "entropySearch", value: { representers: 1000, model: { overhead: -1 } } } },
      budget: { maxCost: -1, maxSeconds: Number.NaN },
      lease: { leaseSeconds: 0.5, maxAttempts: 101 },
      labels: { "": "x" },
    };
    const request = { parent: "nonsense", studyId: "Not An Id", study: { spec }, requestId: "x".repeat(129) };
    const error = await test.client.createStudy(request).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 3 });
    const paths = fieldViolations(error).map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "parent",
        "study_id",
        "request_id",
        expect.stringContaining("study.spec.space.parameters[0].float"),
        "study.spec.space.parameters[1].name",
        "study.spec.objective.metric",
        "study.spec.objective.transform",
        "study.spec.algorithm.entropy_search.representers",
        "study.spec.algorithm.entropy_search.model.overhead",
        "study.spec.budget.max_cost",
        "study.spec.budget.max_seconds",
        "study.spec.lease.lease_seconds",
        "study.spec.lease.max_attempts",
        'study.spec.labels[""]',
      ]),
    );
    expect((await test.client.listStudies({})).studies).toEqual([]);
  });

  it("refuses enum values that it does not know", async () => {
    const { Scale, FidelityBasis, FidelityEffect } = common;
    const integer = { min: 1, max: 4, scale: Scale.UNRECOGNIZED };
    const domain = { $case: "integer" as const, value: integer };
    const fidelity = { target: 4, basis: FidelityBasis.UNRECOGNIZED, effect: FidelityEffect.UNRECOGNIZED };
    const objective = { metric: "error", goal: Goal.UNRECOGNIZED, transform: ObjectiveTransform.UNRECOGNIZED };
    const rate = { name: "rate", domain: { $case: "float" as const, value: { min: 0, max: 1 } } };
    const model = {
      inference: common.Inference.UNRECOGNIZED,
      gaussianProcess: { fidelityKernel: common.FidelityKernel.UNRECOGNIZED },
    };
    const algorithm = { kind: { $case: "entropySearch" as const, value: { model } } };
    const spec = { space: { parameters: [{ name: "steps", domain, fidelity }, rate] }, objective, algorithm };
    const error = await createTestStudy(test.client, spec).catch((caught: unknown) => caught);
    expect(fieldViolations(error).map(({ path }) => path)).toEqual([
      "study.spec.space.parameters[0].integer.scale",
      "study.spec.space.parameters[0].fidelity.basis",
      "study.spec.space.parameters[0].fidelity.effect",
      "study.spec.objective.goal",
      "study.spec.objective.transform",
      "study.spec.algorithm.entropy_search.model.inference",
      "study.spec.algorithm.entropy_search.model.gaussian_process.fidelity_kernel",
    ]);
  });

  it("is refused if another study has the id, or without a study", async () => {
    await createTestStudy(test.client);
    await expect(createTestStudy(test.client)).rejects.toMatchObject({ code: 6 });
    await expect(test.client.createStudy({})).rejects.toMatchObject({ code: 3 });
  });
});

describe("listing studies", () => {
  it("pages, newest first", async () => {
    for (const id of ["a", "b", "c"]) {
      test.now += 1;
      await createTestStudy(test.client, {}, id);
    }
    const first = await test.client.listStudies({ pageSize: 2 });
    expect(first.studies.map(({ name }) => name.at(-1))).toEqual(["c", "b"]);
    const second = await test.client.listStudies({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second.studies.map(({ name }) => name.at(-1))).toEqual(["a"]);
    expect(second.nextPageToken).toBe("");
    await expect(test.client.listStudies({ pageToken: "nonsense" })).rejects.toMatchObject({ code: 3 });
    await expect(test.client.listStudies({ pageSize: 1001 })).rejects.toMatchObject({ code: 3 });
    expect((await test.client.listStudies({ parent: "projects/other" })).studies).toEqual([]);
  });
});

describe("updating a study", () => {
  it("is aborted if the study has changed since", async () => {
    const study = await createTestStudy(test.client);
    const pause = (etag: string) => test.client.updateStudy({ name: study, state: StudyState.PAUSED, etag });
    const { study: paused } = await pause("1");
    expect(paused!.etag).toBe("2");
    await expect(pause("1")).rejects.toMatchObject({ code: 10 });
  });

  it("with more budget makes a completed study active, with less completes it", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 1 } });
    await complete(test.client, await leaseOne(test.client, study));
    expect((await test.client.getStudy({ name: study })).study).toMatchObject({
      state: StudyState.COMPLETED,
      stateReason: "the budget of 1 trials is used",
    });
    const resume = test.client.updateStudy({ name: study, state: StudyState.ACTIVE });
    await expect(resume).rejects.toMatchObject({ code: 9 });
    const { study: more } = await test.client.updateStudy({ name: study, budget: { maxTrials: 2 } });
    expect(more).toMatchObject({ state: StudyState.ACTIVE, stateReason: "" });
    expect((await leaseOne(test.client, study)).trial!.number).toBe(2);
    const { study: less } = await test.client.updateStudy({ name: study, budget: { maxCost: 0.5 } });
    expect(less).toMatchObject({ state: StudyState.COMPLETED });
  });

  it("with a new space keeps what is inside, and leaves what is outside out of the model", async () => {
    const study = await createTestStudy(test.client);
    const parameters = (layers: number) => ({
      rate: { kind: { $case: "number" as const, value: 0.1 } },
      layers: { kind: { $case: "number" as const, value: layers } },
      epochs: { kind: { $case: "number" as const, value: 4 } },
    });
    const trials = [
      { parameters: parameters(2), measurement: result(0.5) },
      { parameters: parameters(8), measurement: result(0.1) },
      { parameters: parameters(7) },
    ];
    await test.client.addTrials({ study, trials });
    const space = spaceToProto({
      ...testSpace,
      parameters: testSpace.parameters.map((parameter) =>
        parameter.name === "layers"
          ? { name: "layers", domain: { kind: "integer", min: 1, max: 4, scale: "linear" } as const }
          : parameter,
      ),
    });
    const { study: changed, outsideSpace } = await test.client.updateStudy({ name: study, space });
    expect(outsideSpace).toBe(1);
    expect(changed).toMatchObject({ spaceVersion: 2, progress: { abandoned: 1, bestTrial: `${study}/trials/1` } });
    const { trial } = await leaseOne(test.client, study);
    expect(trial).toMatchObject({ number: 4, spaceVersion: 2 });
    expect(test.engine.requests.at(-1)!.observations).toEqual([
      { point: { rate: 0.1, layers: 2, epochs: 4 }, value: 0.5, cost: 1 },
    ]);
  });
});

describe("a result after the space has changed", () => {
  const withLayers = (max: number) =>
    spaceToProto({
      ...testSpace,
      parameters: [
        ...testSpace.parameters.filter(({ name }) => name !== "layers"),
        { name: "layers", domain: { kind: "integer", min: 1, max, scale: "linear" } },
      ],
    });
  const parameters = (layers: number) => ({
    rate: { kind: { $case: "number" as const, value: 0.1 } },
    layers: { kind: { $case: "number" as const, value: layers } },
    epochs: { kind: { $case: "number" as const, value: 4 } },
  });

  it("is the best only if its point is in the present space", async () => {
    const study = await createTestStudy(test.client);
    await test.client.addTrials({ study, trials: [{ parameters: parameters(8) }, { parameters: parameters(2) }] });
    const [outside, inside] = [await leaseOne(test.client, study), await leaseOne(test.client, study)];
    await test.client.updateStudy({ name: study, space: withLayers(4) });
    await complete(test.client, outside, 0.1);
    const best = async () => (await test.client.getStudy({ name: study })).study!.progress!.bestTrial;
    expect(await best()).toBe("");
    await complete(test.client, inside, 0.5);
    expect(await best()).toBe(inside.trial!.name);
  });
});

describe("a new space that the algorithm cannot use", () => {
  it("is refused with the algorithm's path", async () => {
    const study = await createTestStudy(test.client, {
      algorithm: { kind: { $case: "asha", value: { fidelity: "epochs" } } },
    });
    const parameters = testSpace.parameters.filter(({ name }) => name !== "epochs");
    const error = await test.client
      .updateStudy({ name: study, space: spaceToProto({ ...testSpace, parameters }) })
      .catch((caught: unknown) => caught);
    expect(fieldViolations(error).map(({ path }) => path)).toEqual(["study.spec.algorithm.asha.fidelity"]);
    expect((await test.client.getStudy({ name: study })).study!.spaceVersion).toBe(1);
  });
});

describe("a study whose seconds are over", () => {
  it("is completed though nobody calls", async () => {
    const study = await createTestStudy(test.client, { budget: { maxSeconds: 60 } });
    const watching = test.client.watchStudy({ study, afterSequence: 1 })[Symbol.asyncIterator]();
    test.now += 60_000;
    const { value } = await watching.next();
    expect(value).toMatchObject({ study: { state: StudyState.COMPLETED } });
    await watching.return?.();
  });
});

describe("deleting a study", () => {
  it("removes it, and its workers are told to cancel", async () => {
    const study = await createTestStudy(test.client);
    const { trial, leaseId } = await leaseOne(test.client, study);
    await test.client.deleteStudy({ name: study });
    const answer = await test.client.reportProgress({ trial: trial!.name, leaseId });
    expect(answer).toMatchObject({ command: optimizer.Command.CANCEL, reason: "the study is gone" });
    const calls = [
      test.client.getStudy({ name: study }),
      test.client.getTrial({ name: trial!.name }),
      test.client.listTrials({ study }),
      test.client.leaseTrials({ study, worker: "worker" }),
      test.client.getRecommendation({ study }),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ code: 5 })));
    await createTestStudy(test.client);
    expect((await leaseOne(test.client, study)).trial!.number).toBe(1);
  });
});

describe("adding trials", () => {
  const point = { rate: 0.1, layers: 2, epochs: 4 };
  const parameters = Object.fromEntries(
    Object.entries(point).map(([name, value]) => [name, { kind: { $case: "number" as const, value } }]),
  );

  it("observes known results without using the budget, and tries wanted points first", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 2 } });
    const { trials } = await test.client.addTrials({
      study,
      trials: [
        { parameters, measurement: result(0.3, 2) },
        { parameters, labels: { why: "a guess" } },
      ],
    });
    expect(trials.map(({ state }) => state)).toEqual([TrialState.COMPLETED, TrialState.SUGGESTED]);
    const wanted = await leaseOne(test.client, study);
    expect(wanted.trial).toMatchObject({
      number: 2,
      labels: { why: "a guess" },
      explanation: { origin: "ORIGIN_USER" },
    });
    await complete(test.client, wanted, 0.4);
    await complete(test.client, await leaseOne(test.client, study), 0.5);
    expect(test.engine.requests.at(-1)!.observations[0]).toEqual({ point, value: 0.3, cost: 2 });
    expect((await test.client.getStudy({ name: study })).study!.state).toBe(StudyState.COMPLETED);
  });

  it("adds none if one is wrong, and says where", async () => {
    const study = await createTestStudy(test.client);
    const { rate, ...rest } = parameters;
    const trials = [{ parameters }, { parameters: rest }, { parameters, measurement: { value: Number.NaN } }];
    const error = await test.client.addTrials({ study, trials }).catch((caught: unknown) => caught);
    const paths = fieldViolations(error).map(({ path }) => path);
    expect(paths).toEqual(["trials[2].measurement.value", "trials[2].measurement.cost"]);
    const second = await test.client
      .addTrials({ study, trials: trials.slice(0, 2) })
      .catch((caught: unknown) => caught);
    expect(fieldViolations(second).map(({ path }) => path)).toEqual(['trials[1].parameters["rate"]']);
    expect((await test.client.listTrials({ study })).trials).toEqual([]);
    expect(rate).toBeDefined();
  });
});

describe("recommendation and prediction", () => {
  it("are in the metric's own sign when it is maximized", async () => {
    const study = await createTestStudy(test.client, { objective: { metric: "accuracy", goal: Goal.MAXIMIZE } });
    await expect(test.client.getRecommendation({ study })).rejects.toMatchObject({ code: 9 });
    for (const value of [0.6, 0.9, 0.7]) await complete(test.client, await leaseOne(test.client, study), value);
    const seen = test.engine.requests.at(-1)!.observations.map(({ value }) => value);
    expect(seen.slice(0, 2)).toEqual([-0.6, -0.9]);
    expect(await test.client.getRecommendation({ study })).toMatchObject({
      mean: 0.9,
      observedValue: 0.9,
      observations: 3,
      trial: `${study}/trials/2`,
    });
    const parameters = { rate: { kind: { $case: "number" as const, value: 0.1 } } };
    const layers = { kind: { $case: "number" as const, value: 3 } };
    const { predictions } = await test.client.queryPosterior({
      study,
      points: [{ parameters: { ...parameters, layers } }],
    });
    expect(predictions).toEqual([{ mean: -1, sd: 1, expectedCost: 2, acquisition: undefined }]);
    const wrong = await test.client
      .queryPosterior({ study, points: [{ parameters }] })
      .catch((error: unknown) => error);
    expect(fieldViolations(wrong).map(({ path }) => path)).toEqual(['points[0].parameters["layers"]']);
  });
});
