// Trainers as processes, against an optimizer that hands out one trial and the real importance-sampler.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { implement } from "@superbatch/rpc";
import { type SpawnedService, spawnService, startTestService, type TestService } from "@superbatch/rpc/testing";
import type { ParameterValues } from "@superbatch/training";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leaseOf, recordingOptimizer } from "./domain/testing.ts";

const main = (service: string) => new URL(`../../${service}/src/main.ts`, import.meta.url);
const trial: ParameterValues = {
  dataset: "digits",
  architecture: "small_cnn",
  width: 0.25,
  super_batch: 96,
  tau_threshold: 1.02,
};

let folder: string;
let sampler: SpawnedService;
let running: SpawnedService[];
let fake: TestService & { recording: ReturnType<typeof recordingOptimizer> };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "takeover-"));
  running = [];
  sampler = await spawnService(main("importance-sampler"));
});
afterEach(async () => {
  for (const trainer of running) await trainer.end("SIGKILL");
  await sampler.end();
  await fake.stop();
  await rm(folder, { recursive: true });
});

/** An optimizer that gives the trial to whoever asks first in each of `turns`. */
async function startOptimizer(values: ParameterValues, turns: number): Promise<void> {
  const recording = recordingOptimizer();
  let left = turns;
  const { client } = recording;
  const notCalled = async () => {
    throw new Error("a trainer has no reason for this call");
  };
  const methods = Object.keys(optimizer.OptimizerServiceDefinition.methods);
  const implementation = {
    ...Object.fromEntries(methods.map((method) => [method, notCalled])),
    leaseTrials: async () => {
      const leases = left-- > 0 ? [leaseOf({ ...trial, ...values })] : [];
      return { leases, retryAfterSeconds: 60, reason: "", studyCompleted: false };
    },
    reportProgress: client.reportProgress,
    completeTrial: client.completeTrial,
    failTrial: client.failTrial,
  };
  const entry = implement(optimizer.OptimizerServiceDefinition, implementation as never);
  fake = Object.assign(await startTestService([entry]), { recording });
}

async function startTrainer(): Promise<SpawnedService> {
  const flags = ["--optimizer-address", fake.address, "--sampler-address", sampler.address];
  const trainer = await spawnService(main("trainer"), {
    flags: [
      ...flags,
      "--checkpoint-dir",
      folder,
      "--checkpoint-seconds",
      "0.1",
      "--heartbeat-seconds",
      "0.1",
      "--backend",
      "wasm",
    ],
  });
  running.push(trainer);
  return trainer;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const result = () => fake.recording.completed[0]?.measurement;
const hasCheckpoint = async () => (await readdir(folder)).some((name) => name.endsWith(".checkpoint"));
const steps = () => fake.recording.progress.flatMap(({ points }) => points.map(({ step }) => step));

describe("a trial", { timeout: 240_000 }, () => {
  it("whose trainer was killed goes on from its checkpoint elsewhere, to the result that it would have had", async () => {
    await startOptimizer({ epochs: 4 }, 1);
    await startTrainer();
    await until(() => result() !== undefined);
    const undisturbed = result()!;
    await fake.stop();

    await startOptimizer({ epochs: 4 }, 2);
    const first = await startTrainer();
    await until(async () => steps().length >= 2 && (await hasCheckpoint()));
    await first.end("SIGKILL");
    expect(result()).toBeUndefined();
    const seen = Math.max(...steps());
    await startTrainer();
    await until(() => result() !== undefined);
    expect(fake.recording.completed).toHaveLength(1);
    expect(result()!.value).toBe(undisturbed.value);
    expect(result()!.priorCost).toBeGreaterThan(0);
    expect(result()!.metrics.importance_share).toBe(undisturbed.metrics.importance_share);
    // What was trained already is not trained again.
    expect(Math.min(...steps().slice(steps().lastIndexOf(seen) + 1))).toBeGreaterThanOrEqual(seen);
    await until(async () => !(await hasCheckpoint()));
  });

  it("is given back by a trainer that is told to stop, which then ends cleanly", async () => {
    await startOptimizer({ epochs: 10_000 }, 1);
    const trainer = await startTrainer();
    await until(() => steps().length > 0);
    expect(await trainer.end("SIGTERM"), trainer.stderr()).toBe(0);
    expect(fake.recording.failed).toMatchObject([{ kind: "FAILURE_KIND_RETURNED", reason: "the trainer is stopping" }]);
    expect(fake.recording.failed[0].cost!.total).toBeGreaterThan(0);
    expect(fake.recording.completed).toEqual([]);
  });
});
