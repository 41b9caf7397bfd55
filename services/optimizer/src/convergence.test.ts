import { optimizer } from "@superbatch/contracts";
import { fieldViolations } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  createTestStudy,
  leaseOne,
  startTestOptimizer,
  type TestOptimizer,
} from "./testing/test-optimizer.ts";

const { StudyState } = optimizer;
const algorithm = { kind: { $case: "entropySearch" as const, value: {} } };
const convergence = { tolerance: 0.01, window: 2, minTrials: 3 };

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

async function completeOne(study: string): Promise<void> {
  await complete(test.client, await leaseOne(test.client, study));
}

/** Asks until the answer says that the study is completed, or gives a trial. */
async function isCompleted(study: string): Promise<boolean> {
  const { leases, studyCompleted } = await test.client.leaseTrials({ study, worker: "last", waitSeconds: 10 });
  expect(leases.length > 0).toBe(!studyCompleted);
  return studyCompleted;
}

describe("a study that may converge", () => {
  it("is completed once the model expects no more than the tolerance, after as many trials as it needs", async () => {
    test.engine.evidence = { expectedLoss: 0.004, improvement: 0.001 };
    const study = await createTestStudy(test.client, { algorithm, budget: { convergence } });
    for (let i = 0; i < 3; i++) await completeOne(study);
    expect(await isCompleted(study)).toBe(true);
    const { study: shown } = await test.client.getStudy({ name: study });
    expect(shown).toMatchObject({ state: StudyState.COMPLETED, progress: { completed: 3 } });
    expect(shown!.stateReason).toContain("converged");
    expect(test.engine.convergenceRequests[0]).toMatchObject({ recent: [1, 2] });
  });

  it.each([
    { expectedLoss: 0.02, improvement: 0 },
    { expectedLoss: 0, improvement: 0.02 },
  ])("goes on while one of the two is above it: $expectedLoss, $improvement", async (evidence) => {
    test.engine.evidence = evidence;
    const study = await createTestStudy(test.client, { algorithm, budget: { convergence } });
    for (let i = 0; i < 5; i++) await completeOne(study);
    expect(await isCompleted(study)).toBe(false);
    expect(test.engine.convergenceRequests.length).toBeGreaterThan(1);
  });

  it("can be made active again, and then completes some more trials first", async () => {
    test.engine.evidence = { expectedLoss: 0, improvement: 0 };
    const study = await createTestStudy(test.client, { algorithm, budget: { convergence } });
    for (let i = 0; i < 3; i++) await completeOne(study);
    expect(await isCompleted(study)).toBe(true);
    const { study: resumed } = await test.client.updateStudy({ name: study, state: StudyState.ACTIVE });
    expect(resumed).toMatchObject({ state: StudyState.ACTIVE, stateReason: "" });
    for (let i = 0; i < 2; i++) await completeOne(study);
    expect(await isCompleted(study)).toBe(true);
    expect((await test.client.getStudy({ name: study })).study!.progress!.completed).toBe(5);
  });

  it("needs an algorithm with a model", async () => {
    const error = await createTestStudy(test.client, { budget: { convergence } }).catch((caught: unknown) => caught);
    expect(fieldViolations(error).map(({ path }) => path)).toEqual(["study.spec.budget.convergence"]);
    const study = await createTestStudy(test.client);
    const update = test.client.updateStudy({ name: study, budget: { convergence } });
    expect(fieldViolations(await update.catch((caught: unknown) => caught))).toMatchObject([
      { path: "budget.convergence" },
    ]);
  });
});
