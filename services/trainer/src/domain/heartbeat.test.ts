import type { optimizer } from "@superbatch/contracts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startHeartbeat } from "./heartbeat.ts";
import type { Client } from "./optimizer-client.ts";
import { recordingOptimizer } from "./testing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(command?: (call: number) => optimizer.Command) {
  const recording = recordingOptimizer(command);
  const [onStopEarly, onCancel, onError] = [vi.fn(), vi.fn(), vi.fn()];
  const options = { trial: "t", leaseId: "l", seconds: 5, deadlineSeconds: 2, onStopEarly, onCancel, onError };
  return {
    ...recording,
    onStopEarly,
    onCancel,
    onError,
    heartbeat: startHeartbeat({ client: recording.client, ...options }),
  };
}

const point = (step: number): optimizer.ProgressPoint => ({ step, metrics: {}, cost: undefined, time: undefined });

describe("startHeartbeat", () => {
  it("sends at once and then regularly, with request ids of their own", async () => {
    const { progress, heartbeat } = start();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(progress).toHaveLength(3);
    expect(new Set(progress.map(({ requestId }) => requestId)).size).toBe(3);
    await heartbeat.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(progress).toHaveLength(3);
  });

  it("sends a point soon, with the cost so far", async () => {
    const { progress, heartbeat } = start();
    await vi.advanceTimersByTimeAsync(1);
    heartbeat.spent({ total: 3, scoring: 0, gradient: 3, evaluation: 0, data: 0 });
    heartbeat.add(point(1));
    await vi.advanceTimersByTimeAsync(1);
    expect(progress.at(-1)).toMatchObject({ points: [{ step: 1 }], cost: { total: 3 } });
    await heartbeat.stop();
  });

  it("keeps the points of a message that was lost, in order", async () => {
    const { progress, heartbeat, onError } = start((call) => {
      if (call === 2) throw new Error("unavailable");
      return "COMMAND_CONTINUE";
    });
    await vi.advanceTimersByTimeAsync(1);
    heartbeat.add(point(1));
    await vi.advanceTimersByTimeAsync(1);
    expect(onError).toHaveBeenCalledOnce();
    heartbeat.add(point(2));
    await vi.advanceTimersByTimeAsync(1);
    expect(progress.at(-1)!.points.map(({ step }) => step)).toEqual([1, 2]);
    await heartbeat.stop();
  });

  it.each([
    ["COMMAND_STOP_EARLY", "onStopEarly"],
    ["COMMAND_CANCEL", "onCancel"],
  ] as const)("passes %s on", async (command, handler) => {
    const started = start(() => command);
    await vi.advanceTimersByTimeAsync(1);
    expect(started[handler]).toHaveBeenCalledWith("told so");
    await started.heartbeat.stop();
  });

  it("gives each message a deadline, and gives up the one on its way when it stops", async () => {
    const hanging = vi.fn<Client["reportProgress"]>(
      (_, options) =>
        new Promise((_, reject) => options!.signal!.addEventListener("abort", () => reject(options!.signal!.reason))),
    );
    const handlers = { onStopEarly: vi.fn(), onCancel: vi.fn(), onError: vi.fn() };
    const client = { reportProgress: hanging };
    const heartbeat = startHeartbeat({ client, trial: "t", leaseId: "l", seconds: 5, deadlineSeconds: 2, ...handlers });
    const { deadline } = hanging.mock.calls[0]![1]!;
    expect(deadline!.valueOf() - Date.now()).toBe(2000);
    const stopped = heartbeat.stop();
    await vi.advanceTimersByTimeAsync(1000);
    await stopped;
    expect(handlers.onError).not.toHaveBeenCalled();
  });
});
