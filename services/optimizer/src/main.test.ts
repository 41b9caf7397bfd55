import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { type ClientHandle, createClient } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Program, startProgram } from "./testing/program.ts";
import { createTestStudy, type OptimizerClient, result } from "./testing/test-optimizer.ts";

let folder: string;
let running: Program;
const handles: ClientHandle<optimizer.OptimizerServiceDefinition>[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "superbatch-optimizer-"));
  running = await start("127.0.0.1:0");
});
afterEach(async () => {
  for (const handle of handles.splice(0)) handle.close();
  await running.end("SIGKILL");
  await rm(folder, { recursive: true });
});

/** Over a file that stays from one start to the next. */
function start(listen: string): Promise<Program> {
  return startProgram(`sqlite:${join(folder, "store.db")}`, listen);
}

function connect(): OptimizerClient {
  const retry = { attempts: 300, baseMilliseconds: 50, maxMilliseconds: 200 };
  const handle = createClient(optimizer.OptimizerServiceDefinition, running.address, { retry });
  handles.push(handle);
  return handle.client;
}

/** Works until the study is completed. @returns what was acknowledged: values by trial. */
async function work(study: string, worker: string): Promise<Map<string, number>> {
  const client = connect();
  const acknowledged = new Map<string, number>();
  for (let i = 0; ; i++) {
    const request = { study, worker, waitSeconds: 2, requestId: `${worker}-lease-${i}` };
    const { leases, studyCompleted } = await client.leaseTrials(request);
    if (studyCompleted) return acknowledged;
    for (const { trial, leaseId } of leases) {
      const value = 1 / (i + 1);
      const requestId = `${worker}-complete-${i}`;
      const measurement = result(value);
      const { duplicate } = await client.completeTrial({ trial: trial!.name, leaseId, measurement, requestId });
      expect(duplicate).toBe(false);
      acknowledged.set(trial!.name, value);
    }
  }
}

describe("the program", () => {
  it("loses nothing that it acknowledged when it is killed, and keeps the budget exactly", async () => {
    const trials = 120;
    const study = await createTestStudy(connect(), { budget: { maxTrials: trials } });
    const workers = ["a", "b", "c", "d"].map((worker) => work(study, worker));
    for (let kill = 0; kill < 3; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await running.end("SIGKILL");
      running = await start(running.address);
    }
    const acknowledged = new Map((await Promise.all(workers)).flatMap((values) => [...values]));
    const { trials: stored } = await connect().listTrials({ study });
    expect(stored).toHaveLength(trials);
    expect(acknowledged.size).toBe(trials);
    expect(new Map(stored.map(({ name, measurement }) => [name, measurement?.value]))).toEqual(acknowledged);
    expect(stored.every(({ attempts }) => attempts === 1)).toBe(true);
  });

  it("fails no call when it is told to stop under load, and goes on afterwards", async () => {
    const trials = 120;
    const study = await createTestStudy(connect(), { budget: { maxTrials: trials } });
    const workers = ["a", "b", "c", "d"].map((worker) => work(study, worker));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await running.end("SIGTERM")).toBe(0);
    running = await start(running.address);
    const acknowledged = (await Promise.all(workers)).reduce((sum, { size }) => sum + size, 0);
    expect(acknowledged).toBe(trials);
  });
});
