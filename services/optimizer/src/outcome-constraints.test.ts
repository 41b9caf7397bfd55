import { optimizer } from "@superbatch/contracts";
import { fieldViolations } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createTestStudy,
  leaseOne,
  result,
  type SpecParts,
  startTestOptimizer,
  type TestOptimizer,
} from "./testing/test-optimizer.ts";

const outcomeConstraints = [
  { metric: "latency_ms", atMost: 20 },
  { metric: "accuracy", atLeast: 0.9, atMost: 1 },
];

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

const pathsOf = (call: Promise<unknown>) =>
  call.then(
    () => [] as string[],
    (error: unknown) => fieldViolations(error).map(({ path }) => path),
  );

async function completeWith(study: string, value: number, metrics: Record<string, number>) {
  const { trial, leaseId } = await leaseOne(test.client, study);
  return test.client.completeTrial({ trial: trial!.name, leaseId, measurement: { ...result(value), metrics } });
}

const bestOf = async (name: string) =>
  (await test.client.getStudy({ name })).study!.progress!.bestTrial.split("/").at(-1);

describe("outcome constraints of a study", () => {
  it("come back as they were given", async () => {
    const name = await createTestStudy(test.client, { outcomeConstraints });
    const { study } = await test.client.getStudy({ name });
    expect(study!.spec!.outcomeConstraints).toEqual([
      { metric: "latency_ms", atLeast: undefined, atMost: 20 },
      { metric: "accuracy", atLeast: 0.9, atMost: 1 },
    ]);
  });

  const root = "study.spec.outcome_constraints";
  it.each([
    [[{ metric: "", atMost: 1 }], [`${root}[0].metric`]],
    [[{ metric: "2nd", atMost: 1 }], [`${root}[0].metric`]],
    [[{ metric: "error", atMost: 1 }], [`${root}[0].metric`]],
    [[{ metric: "a" }], [`${root}[0]`]],
    [[{ metric: "a", atLeast: 2, atMost: 1 }], [`${root}[0].at_most`]],
    [[{ metric: "a", atLeast: Number.NaN }], [`${root}[0].at_least`]],
    [[{ metric: "a", atMost: Number.POSITIVE_INFINITY }], [`${root}[0].at_most`]],
    [
      [
        { metric: "a", atMost: 1 },
        { metric: "b", atMost: 1 },
        { metric: "a", atLeast: 0 },
      ],
      [`${root}[2].metric`],
    ],
    [Array.from({ length: 11 }, (_, i) => ({ metric: `m${i}`, atMost: 1 })), [root]],
    [[{ metric: "a", atLeast: 1, atMost: 1 }], []],
    [[{ metric: "constructor", atLeast: 0 }], []],
  ] as [SpecParts["outcomeConstraints"], string[]][])("%j are refused at %j", async (constraints, paths) => {
    expect(await pathsOf(createTestStudy(test.client, { outcomeConstraints: constraints! }))).toEqual(paths);
  });
});

describe("a result", () => {
  it("is refused without a constrained metric, or with one that is not finite; the trial stays with its worker", async () => {
    const study = await createTestStudy(test.client, { outcomeConstraints });
    const { trial, leaseId } = await leaseOne(test.client, study);
    const complete = (metrics: Record<string, number>) =>
      test.client.completeTrial({ trial: trial!.name, leaseId, measurement: { ...result(0.5), metrics } });
    const error = await complete({ accuracy: 0.95 }).catch((caught: unknown) => caught);
    expect(fieldViolations(error)).toEqual([
      { path: 'measurement.metrics["latency_ms"]', message: expect.stringContaining("latency_ms <= 20") },
    ]);
    expect(fieldViolations(error)[0]!.message).toContain("FailTrial as infeasible");
    expect(await pathsOf(complete({}))).toHaveLength(2);
    expect(await pathsOf(complete({ accuracy: 0.95, latency_ms: Number.NaN }))).toEqual([
      'measurement.metrics["latency_ms"]',
    ]);
    expect((await complete({ accuracy: 0.95, latency_ms: 30 })).trial!.state).toBe("TRIAL_STATE_COMPLETED");
  });

  it("that was known before is refused without it too", async () => {
    const study = await createTestStudy(test.client, { outcomeConstraints: [{ metric: "constructor", atLeast: 0 }] });
    const parameters = {
      rate: { kind: { $case: "number" as const, value: 0.1 } },
      layers: { kind: { $case: "number" as const, value: 2 } },
      epochs: { kind: { $case: "number" as const, value: 4 } },
    };
    const added = [{ parameters, measurement: result(1) }];
    expect(await pathsOf(test.client.addTrials({ study, trials: added }))).toEqual([
      'trials[0].measurement.metrics["constructor"]',
    ]);
  });

  it("is the study's best only within the bounds, however good", async () => {
    const algorithm = { kind: { $case: "random" as const, value: { heldFidelities: { values: { epochs: 16 } } } } };
    const study = await createTestStudy(test.client, { outcomeConstraints, algorithm });
    await completeWith(study, 0.1, { latency_ms: 21, accuracy: 0.95 });
    expect(await bestOf(study)).toBe("");
    await completeWith(study, 0.5, { latency_ms: 20, accuracy: 0.9 });
    expect(await bestOf(study)).toBe("2");
    await completeWith(study, 0.4, { latency_ms: 1, accuracy: 0.89 });
    await completeWith(study, 0.3, { latency_ms: 1, accuracy: 1 });
    expect(await bestOf(study)).toBe("4");
    // Also when it is found anew, in a new version of the space.
    const { study: shown } = await test.client.getStudy({ name: study });
    await test.client.updateStudy({ name: study, space: shown!.spec!.space! });
    expect(await bestOf(study)).toBe("4");
  });

  it("reaches the engine with its metrics; without constraints nothing is added to what it is asked", async () => {
    const study = await createTestStudy(test.client, { outcomeConstraints });
    await completeWith(study, 0.1, { accuracy: 0.95, latency_ms: 21, other: 3 });
    await leaseOne(test.client, study);
    const asked = test.engine.requests.at(-1)!;
    expect(asked.outcomeConstraints).toEqual(outcomeConstraints);
    expect(asked.observations).toMatchObject([{ outcomes: [21, 0.95] }]);
    const plain = await createTestStudy(test.client, {}, "plain");
    await completeWith(plain, 0.1, { latency_ms: 21 });
    await leaseOne(test.client, plain);
    const request = test.engine.requests.at(-1)!;
    expect(request).not.toHaveProperty("outcomeConstraints");
    expect(request.observations[0]).not.toHaveProperty("outcomes");
  });
});

describe("early stopping", () => {
  it("takes no standard from trials beyond the bounds", async () => {
    const earlyStopping = { rule: { $case: "median" as const, value: { minTrials: 1 } } };
    const spec = { earlyStopping, outcomeConstraints: [{ metric: "latency_ms", atMost: 20 }] };
    const study = await createTestStudy(test.client, spec);
    async function run(error: number, latency: number) {
      const { trial, leaseId } = await leaseOne(test.client, study);
      const point = { step: 1, metrics: { error } };
      const { command } = await test.client.reportProgress({ trial: trial!.name, leaseId, points: [point] });
      const measurement = { ...result(error), metrics: { latency_ms: latency } };
      await test.client.completeTrial({ trial: trial!.name, leaseId, measurement });
      return command;
    }
    await run(0.1, 30);
    expect(await run(0.5, 10)).toBe(optimizer.Command.CONTINUE);
    expect(await run(0.6, 10)).toBe(optimizer.Command.STOP_EARLY);
  });
});

describe("a recommendation", () => {
  it("tells the probability that the constraints hold, and when they do not", async () => {
    const study = await createTestStudy(test.client, { outcomeConstraints });
    await completeWith(study, 0.1, { latency_ms: 21, accuracy: 0.95 });
    test.engine.feasibility = 0.2;
    expect(await test.client.getRecommendation({ study })).toMatchObject({ feasibility: 0.2, constraintsUnmet: true });
    await completeWith(study, 0.1, { latency_ms: 10, accuracy: 0.95 });
    test.engine.feasibility = 0.5;
    expect(await test.client.getRecommendation({ study })).toMatchObject({ feasibility: 0.5, constraintsUnmet: false });
  });

  it("says nothing of them in a study without", async () => {
    const study = await createTestStudy(test.client);
    await completeWith(study, 0.1, {});
    expect(await test.client.getRecommendation({ study })).toMatchObject({
      feasibility: undefined,
      constraintsUnmet: false,
    });
  });
});

describe("an exported study", () => {
  const importAs = (name: string, text: string) =>
    test.client.importStudy(
      (async function* () {
        yield { name, chunk: Buffer.from(text) };
      })(),
    );

  it("keeps its constraints, and is refused with results that lack the metric", async () => {
    const study = await createTestStudy(test.client, { outcomeConstraints });
    await completeWith(study, 0.1, { latency_ms: 10, accuracy: 0.95 });
    const chunks: Uint8Array[] = [];
    for await (const { chunk } of test.client.exportStudy({ name: study })) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { study: copy } = await importAs("projects/default/studies/copy", text);
    expect(copy!.spec!.outcomeConstraints).toMatchObject(outcomeConstraints);
    expect(copy!.progress!.bestTrial).toBe("projects/default/studies/copy/trials/1");
    const lacking = text.replaceAll('"latency_ms":10', '"other":10');
    expect(lacking).not.toBe(text);
    expect(await pathsOf(importAs("projects/default/studies/bad", lacking))).toEqual(["chunk"]);
  });
});
