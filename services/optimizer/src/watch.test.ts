import { optimizer } from "@superbatch/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { watchStudy } from "./domain/watch.ts";
import {
  complete,
  createTestStudy,
  leaseOne,
  startTestOptimizer,
  type TestOptimizer,
} from "./testing/test-optimizer.ts";

const { EventKind } = optimizer;

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

/** Watches until `count` events have come. */
async function watch(study: string, afterSequence: number, count: number): Promise<optimizer.WatchStudyResponse[]> {
  const events: optimizer.WatchStudyResponse[] = [];
  for await (const event of test.client.watchStudy({ study, afterSequence })) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

describe("watching a study", () => {
  it("tells what happened, then what happens, with the study or trial as it is", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 1 } });
    const watching = watch(study, 0, 5);
    await complete(test.client, await leaseOne(test.client, study), 0.25);
    const events = await watching;
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(events.map(({ kind }) => kind)).toEqual([
      EventKind.STUDY_CREATED,
      EventKind.TRIAL_SUGGESTED,
      EventKind.TRIAL_LEASED,
      EventKind.TRIAL_COMPLETED,
      EventKind.STUDY_UPDATED,
    ]);
    expect(events[3]).toMatchObject({ trial: { number: 1, measurement: { value: 0.25 } }, message: "error 0.25" });
    expect(events[4]).toMatchObject({ study: { state: "STUDY_STATE_COMPLETED", progress: { completed: 1 } } });
  });

  it("goes on from any event, also after a restart", async () => {
    const study = await createTestStudy(test.client);
    for (let i = 0; i < 3; i++) await complete(test.client, await leaseOne(test.client, study));
    const all = await watch(study, 0, 10);
    await test.restart();
    expect(await watch(study, 4, 6)).toEqual(all.slice(4));
  });

  it("ends when the study is deleted, and there is none to watch then", async () => {
    const study = await createTestStudy(test.client);
    const watching = watch(study, 0, 1_000);
    await watch(study, 0, 1);
    await test.client.deleteStudy({ name: study });
    expect((await watching).length).toBeLessThan(1_000);
    await expect(watch(study, 0, 1)).rejects.toMatchObject({ code: 5 });
  });

  it("ends when another study has taken its name", async () => {
    const study = await createTestStudy(test.client);
    const waitForEvents = async () => {
      await test.client.deleteStudy({ name: study });
      test.now += 1;
      await createTestStudy(test.client);
      await leaseOne(test.client, study);
    };
    const sequences: number[] = [];
    const watching = watchStudy({ ...test.store, waitForEvents }, study, 0, new AbortController().signal);
    for await (const { event } of watching) sequences.push(event.sequence);
    expect(sequences).toEqual([1]);
  });

  it("tells its watchers to come back when the service stops", async () => {
    const study = await createTestStudy(test.client);
    const watching = watch(study, 0, 1_000).catch((error: unknown) => error);
    await watch(study, 0, 1);
    await test.service.service.stop();
    expect(await watching).toMatchObject({ code: 14 });
  });
});
