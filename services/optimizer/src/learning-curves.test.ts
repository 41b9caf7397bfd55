import { type optimizer, spaceToProto } from "@superbatch/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  createTestStudy,
  leaseOne,
  startTestOptimizer,
  type TestOptimizer,
  testSpace,
} from "./testing/test-optimizer.ts";

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

// Without a fidelity: all trials can be compared.
const space = spaceToProto({ parameters: testSpace.parameters.filter(({ fidelity }) => !fidelity), constraints: [] });
const curve = { rule: { $case: "curve" as const, value: { minTrials: 3 } } };

/** Steps of a curve that falls to `end`; a step costs 2. */
function points(from: number, to: number, end: number) {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const step = from + i;
    return { step, metrics: { error: end + 0.5 / step }, cost: { total: 2 * step, gradient: 2 * step } };
  });
}

describe("stopping by learning curves", () => {
  const report = ({ trial, leaseId }: optimizer.TrialLease, to: number, end: number, finalStep = 0) =>
    test.client.reportProgress({ trial: trial!.name, leaseId, points: points(1, to, end), finalStep });

  async function good(study: string, end: number): Promise<void> {
    const lease = await leaseOne(test.client, study);
    expect((await report(lease, 40, end, 40)).command).toBe("COMMAND_CONTINUE");
    await complete(test.client, lease, end + 0.5 / 40, 80);
  }

  it("ends a trial that would end worse than the best, and the model takes what it would have ended with", async () => {
    const study = await createTestStudy(test.client, { space, earlyStopping: curve });
    for (const end of [0.1, 0.15, 0.2]) await good(study, end);
    const hopeless = await leaseOne(test.client, study);
    const told = await report(hopeless, 12, 0.6);
    expect(told).toMatchObject({ command: "COMMAND_STOP_EARLY", reason: expect.stringContaining("at step 40") });
    const { trial } = await test.client.completeTrial({
      trial: hopeless.trial!.name,
      leaseId: hopeless.leaseId,
      measurement: { value: 0.6 + 0.5 / 12, cost: { total: 24, gradient: 24 } },
      stoppedEarly: true,
    });
    expect(trial).toMatchObject({ stoppedEarly: true, measurement: { value: 0.6 + 0.5 / 12 } });
    expect(Math.abs(trial!.extrapolation!.value - (0.6 + 0.5 / 40))).toBeLessThan(0.03);
    expect(trial!.extrapolation!.cost).toBeCloseTo(80, 6);
    await leaseOne(test.client, study);
    const learned = test.engine.requests.at(-1)!.observations.at(-1)!;
    expect(learned).toMatchObject({ value: trial!.extrapolation!.value, cost: trial!.extrapolation!.cost });
  });

  it("lets a trial go on that may end better, before enough trials, and without knowing its end", async () => {
    const study = await createTestStudy(test.client, { space, earlyStopping: curve });
    for (const end of [0.1, 0.15]) await good(study, end);
    const early = await leaseOne(test.client, study);
    expect((await report(early, 12, 0.6)).command).toBe("COMMAND_CONTINUE");
    await complete(test.client, early, 0.6);
    await good(study, 0.2);
    const better = await leaseOne(test.client, study);
    expect((await report(better, 12, 0.02)).command).toBe("COMMAND_CONTINUE");
  });

  it("takes a result as it is if the trial ran to its end all the same", async () => {
    const study = await createTestStudy(test.client, { space, earlyStopping: curve });
    for (const end of [0.1, 0.15, 0.2]) await good(study, end);
    const hopeless = await leaseOne(test.client, study);
    await report(hopeless, 12, 0.6);
    await report(hopeless, 40, 0.6);
    const { trial } = await complete(test.client, hopeless, 0.6);
    expect(trial!.extrapolation).toBeUndefined();
  });
});
