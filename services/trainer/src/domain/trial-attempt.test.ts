import type { optimizer } from "@superbatch/contracts";
import { openBackend, type ParameterValues } from "@superbatch/training";
import { beforeAll, describe, expect, it } from "vitest";
import { leaseOf, quick, type RecordingOptimizer, recordingOptimizer, silent, slotOf } from "./testing.ts";
import { attemptTrial } from "./trial-attempt.ts";

beforeAll(() => openBackend("wasm"));

const slot = slotOf();

async function attempt(
  values: ParameterValues,
  recording: RecordingOptimizer = recordingOptimizer(),
  changes: Partial<optimizer.TrialLease> = {},
  stopping = new AbortController().signal,
  forget?: (trial: string) => Promise<void>,
): Promise<RecordingOptimizer> {
  await attemptTrial(leaseOf(values, changes), {
    client: recording.client,
    slot,
    logger: silent,
    worker: "w",
    backend: "wasm",
    heartbeatSeconds: 5,
    costPerSecond: 10,
    stopping,
    forget,
    patienceSeconds: 0,
  });
  return recording;
}

describe("attemptTrial", () => {
  it("reports the learning curve and the result, costs in the study's unit", async () => {
    const { progress, completed, failed } = await attempt({ ...quick, epochs: 2 });
    expect(failed).toEqual([]);
    expect(progress.flatMap(({ points }) => points.map(({ step }) => step))).toEqual([34, 68]);
    const [{ trial, leaseId, measurement, stoppedEarly }] = completed;
    expect({ trial, leaseId, stoppedEarly }).toEqual({
      trial: "projects/default/studies/s/trials/1",
      leaseId: "lease-1",
      stoppedEarly: false,
    });
    expect(measurement!.value).toBe(measurement!.metrics.validation_error);
    expect(measurement!.metrics).toMatchObject({ steps: 68, diverged: 0, importance_share: expect.any(Number) });
    const { total, scoring, gradient, evaluation, data } = measurement!.cost!;
    expect(total).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(scoring + gradient + evaluation + data);
    expect(Object.values(measurement!.metrics).every(Number.isFinite)).toBe(true);
  });

  it("lets go of a trial's checkpoint when the optimizer has its result, not before", async () => {
    const forgotten: string[] = [];
    const attemptWith = (recording: RecordingOptimizer, values = quick) =>
      attempt(values, recording, {}, new AbortController().signal, async (trial) => void forgotten.push(trial));
    const unheard = recordingOptimizer();
    await attemptWith({
      ...unheard,
      client: { ...unheard.client, completeTrial: () => Promise.reject(new Error("not reached")) },
    });
    await attemptWith(recordingOptimizer(), { ...quick, dataset: "cifar10" });
    expect(forgotten).toEqual([]);
    await attemptWith(recordingOptimizer());
    expect(forgotten).toEqual(["projects/default/studies/s/trials/1"]);
  });

  it("gives the same result in every attempt", async () => {
    const [a, b] = [await attempt(quick), await attempt(quick)];
    expect(a.completed[0].measurement!.value).toBe(b.completed[0].measurement!.value);
  });

  it("optimizes the metric that the study names, and refuses one that it cannot measure before it trains", async () => {
    const loss = await attempt(quick, recordingOptimizer(), { metric: "validation_loss" });
    expect(loss.completed[0].measurement!.value).toBe(loss.completed[0].measurement!.metrics.validation_loss);
    const unknown = await attempt(quick, recordingOptimizer(), { metric: "perplexity" });
    expect(unknown.failed).toMatchObject([
      { kind: "FAILURE_KIND_FAILED", reason: expect.stringContaining("perplexity") },
    ]);
    expect(unknown.progress.every(({ points }) => points.length === 0)).toBe(true);
  });

  it("calls a point with wrong parameters infeasible and names them", async () => {
    const { failed } = await attempt({ ...quick, learning_rate: -1, batch_siez: 3 });
    expect(failed).toMatchObject([{ kind: "FAILURE_KIND_INFEASIBLE" }]);
    expect(failed[0].reason).toMatch(/learning_rate: .*batch_siez: /);
  });

  it("completes a diverged run with the error of guessing, or calls it infeasible, as the study says", async () => {
    const wild = { ...quick, learning_rate: 1e6 };
    const penalty = await attempt(wild);
    expect(penalty.completed[0].measurement).toMatchObject({ value: 0.9, metrics: { diverged: 1 } });
    const infeasible = await attempt({ ...wild, diverged: "infeasible" });
    expect(infeasible.completed).toEqual([]);
    expect(infeasible.failed).toMatchObject([
      { kind: "FAILURE_KIND_INFEASIBLE", reason: expect.stringContaining("diverged") },
    ]);
    expect(infeasible.failed[0].cost!.total).toBeGreaterThan(0);
  });

  it("completes with what it has when it is told to stop early", async () => {
    const { completed } = await attempt(
      { ...quick, epochs: 1000 },
      recordingOptimizer(() => "COMMAND_STOP_EARLY"),
    );
    expect(completed).toMatchObject([{ stoppedEarly: true }]);
    expect(completed[0].measurement!.metrics.steps).toBeLessThan(30_000);
  });

  it("reports nothing more after a cancel", async () => {
    const recording = recordingOptimizer((call) => (call > 1 ? "COMMAND_CANCEL" : "COMMAND_CONTINUE"));
    await attempt({ ...quick, epochs: 1000 }, recording);
    expect([recording.completed, recording.failed]).toEqual([[], []]);
  });

  it("gives the trial back when the trainer stops", async () => {
    const stopping = new AbortController();
    const recording = recordingOptimizer((call) => {
      if (call === 2) stopping.abort(new DOMException("stopping", "AbortError"));
      return "COMMAND_CONTINUE";
    });
    await attempt({ ...quick, epochs: 1000 }, recording, {}, stopping.signal);
    expect(recording.completed).toEqual([]);
    expect(recording.failed).toMatchObject([{ kind: "FAILURE_KIND_RETURNED" }]);
    expect(recording.failed[0].cost!.total).toBeGreaterThan(0);
  });

  it("reports missing data as a failure that another trainer may not have", async () => {
    const { failed } = await attempt({ ...quick, dataset: "cifar10" });
    expect(failed).toMatchObject([
      { kind: "FAILURE_KIND_FAILED", reason: expect.stringContaining("SUPERBATCH_DATA_DIR") },
    ]);
  });
});
