import { optimizer, pointFromProto, spaceToProto } from "@superbatch/contracts";
import type { Point } from "@superbatch/search-space";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSuggestionEngine } from "./domain/suggest/create-engine.ts";
import { verification } from "./domain/suggest/engine.ts";
import { createBrokenSurrogate } from "./domain/suggest/testing/local-surrogate.ts";
import {
  complete,
  createTestStudy,
  leaseOne,
  startTestOptimizer,
  type TestOptimizer,
} from "./testing/test-optimizer.ts";

const { FailureKind, StudyState } = optimizer;

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

/** A deterministic objective. */
const errorAt = ({ rate, layers }: Point) => Math.abs(Math.log10(rate as number) + 2) + (layers as number) / 10;

/** One trainer at work on `trials` trials; between two of them, whatever `between` does. */
async function train(studyId: string, trials: number, between: (trial: number) => Promise<void>): Promise<Point[]> {
  const study = await createTestStudy(test.client, { seed: 7 }, studyId);
  const points: Point[] = [];
  for (let i = 0; i < trials; i++) {
    const lease = await leaseOne(test.client, study);
    const point = pointFromProto(lease.trial!.parameters);
    points.push(point);
    await between(i);
    await complete(test.client, lease, errorAt(point), 1 + i);
  }
  return points;
}

describe("a single trainer with a deterministic objective", () => {
  it("gets the same trials twice, whatever was computed ahead and whether the service restarts", async () => {
    const quiet = await train("quiet", 8, async () => {});
    const slow = await train("slow", 8, () => new Promise((resolve) => setTimeout(resolve, 20)));
    const restarted = await train("restarted", 8, async (i) => (i % 3 === 0 ? test.restart() : undefined));
    expect(slow).toEqual(quiet);
    expect(restarted).toEqual(quiet);
    expect(new Set(quiet.map(({ rate }) => rate)).size).toBe(8);
  });

  it("finds its next suggestion computed when it asks, knowing all results", async () => {
    const study = await createTestStudy(test.client);
    await complete(test.client, await leaseOne(test.client, study));
    while (test.engine.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const { trial } = await leaseOne(test.client, study);
    expect(trial!.number).toBe(2);
    expect(test.engine.requests).toHaveLength(2);
    expect(test.engine.requests[1]).toMatchObject({
      sequence: 1,
      count: 1,
      pending: [],
      observations: [{ value: 0.5 }],
    });
  });
});

it("the engine is told which trials verified its model's minimizer", async () => {
  const { engine } = test;
  const draw = engine.suggest;
  engine.suggest = async (request, signal) => {
    const acquisition = request.sequence === 1 ? verification : "entropy-search-per-cost";
    const explanation = { acquisition, acquisitionValue: 1, feasibility: 1, alternatives: [] };
    return (await draw(request, signal)).map((each) => ({ ...each, origin: "model", explanation }));
  };
  const study = await createTestStudy(test.client);
  for (let i = 0; i < 3; i++) await complete(test.client, await leaseOne(test.client, study));
  await leaseOne(test.client, study);
  const { observations } = engine.requests.at(-1)!;
  expect(observations.map((each) => each.verification ?? false)).toEqual([false, true, false]);
});

describe("several trainers", () => {
  it("get suggestions that know of what is pending, none of them twice", async () => {
    const study = await createTestStudy(test.client);
    const workers = ["a", "b", "c", "d"].map(async (worker) => {
      const points: Point[] = [];
      for (let i = 0; i < 5; i++) {
        const lease = await leaseOne(test.client, study, worker);
        points.push(pointFromProto(lease.trial!.parameters));
        await complete(test.client, lease);
      }
      return points;
    });
    const points = (await Promise.all(workers)).flat();
    expect(new Set(points.map(({ rate }) => rate)).size).toBe(20);
    for (const { sequence, pending, observations } of test.engine.requests)
      expect(pending.length + observations.length).toBe(sequence);
  });

  it("never hold more than the budget allows", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 5 } });
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, i) => test.client.leaseTrials({ study, worker: `worker-${i}`, waitSeconds: 0.2 })),
    );
    const leases = asked.flatMap((response) => response.leases);
    expect(leases).toHaveLength(5);
    for (const lease of leases) await complete(test.client, lease);
    const { study: ended } = await test.client.getStudy({ name: study });
    expect(ended).toMatchObject({ state: StudyState.COMPLETED, progress: { completed: 5, running: 0, suggested: 0 } });
  });

  it("count as what their trials are expected to cost", async () => {
    const study = await createTestStudy(test.client, { budget: { maxCost: 10 } });
    await complete(test.client, await leaseOne(test.client, study), 0.5, 4);
    // 4 is spent, and a trial costs 4 on average: a second may run beside the first, a third would end above 10.
    const [first, second] = [await leaseOne(test.client, study, "a"), await leaseOne(test.client, study, "b")];
    const third = await test.client.leaseTrials({ study, worker: "c" });
    expect(third).toMatchObject({ leases: [], reason: expect.stringContaining("budget") });
    await complete(test.client, first, 0.5, 1);
    const cheaper = await leaseOne(test.client, study, "c");
    await complete(test.client, second, 0.5, 5);
    const { study: ended } = await test.client.getStudy({ name: study });
    expect(ended).toMatchObject({ state: StudyState.COMPLETED, stateReason: "the budget of cost 10 is used" });
    // What runs may finish.
    expect(await complete(test.client, cheaper)).toMatchObject({ late: false, duplicate: false });
  });
});

describe("two hundred trainers at once", () => {
  it("use the budget exactly: each trial is leased once, and each result is kept", async () => {
    const trials = 300;
    const study = await createTestStudy(test.client, { budget: { maxTrials: trials } });
    const results = new Map<string, number>();
    const work = async (worker: string) => {
      for (;;) {
        const { leases, studyCompleted } = await test.client.leaseTrials({ study, worker, waitSeconds: 30 });
        if (studyCompleted) return;
        for (const lease of leases) {
          const value = results.size / trials;
          expect(results.has(lease.trial!.name)).toBe(false);
          results.set(lease.trial!.name, value);
          await complete(test.client, lease, value);
        }
      }
    };
    await Promise.all(Array.from({ length: 200 }, (_, i) => work(`worker-${i}`)));
    const { trials: stored } = await test.client.listTrials({ study });
    expect(new Map(stored.map(({ name, measurement }) => [name, measurement?.value]))).toEqual(results);
    expect(results.size).toBe(trials);
    expect(new Set(stored.map(({ parameters }) => parameters.rate!.kind!.value)).size).toBe(trials);
  });
});

describe("a study with a time limit", () => {
  it("is completed when its time is over", async () => {
    const study = await createTestStudy(test.client, { budget: { maxSeconds: 60 } });
    await complete(test.client, await leaseOne(test.client, study));
    test.now += 60_000;
    const over = await test.client.leaseTrials({ study, worker: "worker", waitSeconds: 5 });
    expect(over).toMatchObject({ leases: [], studyCompleted: true, reason: "the 60 seconds of the study are over" });
    expect((await test.client.getStudy({ name: study })).study!.state).toBe(StudyState.COMPLETED);
  });
});

describe("a finite space", () => {
  const flag = { name: "flag", domain: { kind: "boolean" } } as const;
  const finite = () => {
    test.engine.suggest = createSuggestionEngine({ surrogate: createBrokenSurrogate() }).suggest;
    const space = spaceToProto({ parameters: [flag], constraints: [] });
    return createTestStudy(test.client, { space });
  };

  it("completes the study when every point has been tried", async () => {
    const study = await finite();
    const leases = [await leaseOne(test.client, study), await leaseOne(test.client, study)];
    const waiting = test.client.leaseTrials({ study, worker: "worker", waitSeconds: 20 });
    for (const lease of leases) await complete(test.client, lease);
    expect(await waiting).toMatchObject({ studyCompleted: true, reason: "every point of the space has been tried" });
  });

  it("has a point again that was taken back while nothing else was left", async () => {
    const study = await finite();
    const leases = [await leaseOne(test.client, study), await leaseOne(test.client, study)];
    const waiting = test.client.leaseTrials({ study, worker: "worker", waitSeconds: 20 });
    await complete(test.client, leases[0]!);
    await test.client.failTrial({
      trial: leases[1]!.trial!.name,
      kind: FailureKind.ABANDONED,
      reason: "taken back",
    });
    const again = (await waiting).leases[0]!;
    expect(again.trial!.parameters).toEqual(leases[1]!.trial!.parameters);
  });
});

describe("a slow engine", () => {
  it("is waited for as long as the caller allows, and stops with the service", async () => {
    let aborted = false;
    test.engine.delay = (signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve();
        });
      });
    const study = await createTestStudy(test.client);
    const response = await test.client.leaseTrials({ study, worker: "worker" });
    expect(response).toMatchObject({ leases: [], reason: "the next suggestion is being computed" });
    expect(response.retryAfterSeconds).toBeGreaterThan(0);
    await test.service.service.stop();
    expect(aborted).toBe(true);
  });

  it("that fails fails the call, not the service", async () => {
    const study = await createTestStudy(test.client);
    test.engine.delay = async () => {
      throw new Error("out of order");
    };
    const failed = test.client.leaseTrials({ study, worker: "worker", waitSeconds: 5 });
    await expect(failed).rejects.toMatchObject({ code: 13 });
    test.engine.delay = async () => {};
    expect((await leaseOne(test.client, study)).trial!.number).toBe(1);
  });
});

describe("early stopping", () => {
  it("tells a hopeless trial to stop, and keeps telling", async () => {
    const earlyStopping = { rule: { $case: "median" as const, value: { minTrials: 2 } } };
    const study = await createTestStudy(test.client, { earlyStopping });
    const report = ({ trial, leaseId }: optimizer.TrialLease, step: number, error: number) =>
      test.client.reportProgress({
        trial: trial!.name,
        leaseId,
        points: [{ step, metrics: { error }, cost: { total: step, gradient: step } }],
      });
    for (let i = 0; i < 2; i++) {
      const lease = await leaseOne(test.client, study);
      expect((await report(lease, 1, 0.3)).command).toBe("COMMAND_CONTINUE");
      await complete(test.client, lease, 0.2);
    }
    const hopeless = await leaseOne(test.client, study);
    const told = await report(hopeless, 1, 0.9);
    expect(told).toMatchObject({ command: "COMMAND_STOP_EARLY", reason: expect.stringContaining("median 0.3000") });
    expect((await report(hopeless, 2, 0.1)).command).toBe("COMMAND_STOP_EARLY");
    const { trial } = await complete(test.client, hopeless, 0.9);
    expect(trial).toMatchObject({ state: "TRIAL_STATE_COMPLETED", stoppedEarly: true });
    expect(trial!.reason).toContain("stopped early");
  });
});
