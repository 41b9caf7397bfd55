import { DataError, ParameterError } from "@superbatch/training";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createTrainingHost, type TrainingHost } from "./training-host.ts";
import type { ThreadSettings } from "./training-messages.ts";
import type { TrainingOrder } from "./training-slot.ts";

const settings: ThreadSettings = {
  backend: "auto",
  dataDir: undefined,
  cacheDir: undefined,
  workload: [],
  samplerAddress: "",
  sampler: {},
  checkpointDir: undefined,
  checkpointSeconds: 0,
};
const program = new URL("./testing-thread.ts", import.meta.url);
const onReplaced = vi.fn<(reason: string) => void>();
let host: TrainingHost | undefined;

async function open(abortSeconds = 0.2): Promise<TrainingHost> {
  host = await createTrainingHost({ settings, program, onReplaced, abortSeconds });
  return host;
}
afterEach(async () => {
  await host?.close();
  onReplaced.mockReset();
});

const order = (behave: string, more: Partial<TrainingOrder> = {}): TrainingOrder => ({
  values: { behave },
  seed: 5,
  signal: new AbortController().signal,
  ...more,
});
const outcome = (value: unknown) => value as { seed: number; threadId: number; stopped: boolean };

describe("a training in a thread", () => {
  it("hands over its progress and its outcome", async () => {
    const { slot, backend } = await open();
    const [onStep, onProgress] = [vi.fn(), vi.fn()];
    const result = await slot.run(order("finish", { onStep, onProgress }));
    expect(backend).toEqual({ name: "test", device: "none" });
    expect(outcome(result).seed).toBe(5);
    expect(onStep).toHaveBeenCalledWith({ step: 1 });
    expect(onProgress).toHaveBeenCalledWith({ step: 2 });
  });

  it("fails with the errors of their classes, and the thread lives on", async () => {
    const { slot } = await open();
    const { threadId } = outcome(await slot.run(order("finish")));
    const parameter = await slot.run(order("wrong parameter")).catch((error: unknown) => error);
    expect(parameter).toBeInstanceOf(ParameterError);
    expect(parameter).toMatchObject({ problems: [{ parameter: "p", message: "wrong" }] });
    const data = await slot.run(order("corrupt data")).catch((error: unknown) => error);
    expect(data).toBeInstanceOf(DataError);
    expect(data).toMatchObject({ file: "f", byteOffset: 2, message: "f, byte 2: short. Get it" });
    expect(outcome(await slot.run(order("finish"))).threadId).toBe(threadId);
    expect(onReplaced).not.toHaveBeenCalled();
  });

  it.each([
    ["fails in a way that may have spoiled the memory", "spoil", /memory access out of bounds/],
    ["ends the thread", "exit", /the training thread ended/],
  ])("that %s is followed by one in a new thread", async (_, behave, message) => {
    const { slot } = await open();
    const { threadId } = outcome(await slot.run(order("finish")));
    await expect(slot.run(order(behave))).rejects.toThrow(message);
    expect(outcome(await slot.run(order("finish"))).threadId).toBeGreaterThan(threadId);
    expect(onReplaced).toHaveBeenCalledOnce();
  });

  it("ends when it is aborted, and the thread lives on", async () => {
    const { slot } = await open(60);
    const { threadId } = outcome(await slot.run(order("finish")));
    const abort = new AbortController();
    const running = slot.run(order("obey", { signal: abort.signal }));
    setImmediate(() => abort.abort(new Error("not wanted any more")));
    await expect(running).rejects.toThrow("not wanted any more");
    expect(outcome(await slot.run(order("finish"))).threadId).toBe(threadId);
  });

  it("is ended with its thread if it does not end by itself", async () => {
    const { slot } = await open();
    const abort = new AbortController();
    const running = slot.run(order("block", { signal: abort.signal }));
    setTimeout(() => abort.abort(new Error("not wanted any more")), 20);
    await expect(running).rejects.toThrow("not wanted any more");
    expect(onReplaced).toHaveBeenCalledOnce();
    expect(outcome(await slot.run(order("finish"))).seed).toBe(5);
  });

  it("is not started if it is aborted before", async () => {
    const { slot } = await open();
    const signal = AbortSignal.abort(new Error("not wanted"));
    await expect(slot.run(order("block", { signal }))).rejects.toThrow("not wanted");
    expect(slot.busy).toBe(false);
  });

  it("hears that it shall stop early", async () => {
    const { slot } = await open();
    const stop = new AbortController();
    const running = slot.run(order("wait", { stopEarly: stop.signal }));
    setImmediate(() => stop.abort());
    expect(outcome(await running).stopped).toBe(true);
  });

  it("excludes another one", async () => {
    const { slot } = await open();
    const abort = new AbortController();
    const running = slot.run(order("obey", { signal: abort.signal }));
    expect(slot.busy).toBe(true);
    await expect(slot.run(order("finish"))).rejects.toThrow("a training runs already");
    setImmediate(() => abort.abort(new Error("not wanted any more")));
    await slot.idle();
    await expect(running).rejects.toThrow("not wanted any more");
    expect(slot.busy).toBe(false);
  });
});

it("says why it cannot start", async () => {
  const unavailable = createTrainingHost({ settings: { ...settings, backend: "tensorflow" }, program, onReplaced });
  await expect(unavailable).rejects.toThrow("backend tensorflow is unavailable");
});

describe("a replacement", () => {
  /** The first thread starts, the ones after it as `backend` lets them. */
  async function lose(backend: ThreadSettings["backend"]) {
    const changing = { ...settings };
    host = await createTrainingHost({ settings: changing, program, onReplaced, backoffSeconds: 0.01 });
    changing.backend = backend;
    await expect(host.slot.run(order("exit"))).rejects.toThrow("the training thread ended");
    return { changing, slot: host.slot };
  }

  it("that cannot start is not replaced until the next run", async () => {
    const { changing, slot } = await lose("tensorflow");
    await expect(slot.run(order("finish"))).rejects.toThrow("backend tensorflow is unavailable");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(onReplaced).toHaveBeenCalledOnce();
    changing.backend = "auto";
    expect(outcome(await slot.run(order("finish"))).seed).toBe(5);
  });

  it("that is still starting does not hold up a cancellation", async () => {
    const { slot } = await lose("webgpu");
    const abort = new AbortController();
    const running = slot.run(order("finish", { signal: abort.signal }));
    abort.abort(new Error("not wanted any more"));
    await expect(running).rejects.toThrow("not wanted any more");
  });
});
