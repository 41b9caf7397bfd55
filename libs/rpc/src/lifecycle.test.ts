import { describe, expect, it } from "vitest";
import { createLifecycle, type LifecycleSteps } from "./lifecycle.ts";
import { createLogger } from "./logger.ts";

function life(changes: Partial<LifecycleSteps> = {}) {
  const order: string[] = [];
  const step = (name: string) => async () => void order.push(name);
  const steps: LifecycleSteps = {
    logger: createLogger({ name: "test", level: "silent" }),
    start: step("start"),
    drain: step("drain"),
    finishCalls: step("finishCalls"),
    stop: step("stop"),
    flush: step("flush"),
    ...changes,
  };
  return { lifecycle: createLifecycle(steps), order };
}

const fail = async () => {
  throw new Error("no");
};

describe("lifecycle", () => {
  it("runs each step once and in order, however often it is asked", async () => {
    const { lifecycle, order } = life();
    expect(lifecycle.state).toBe("created");
    await Promise.all([lifecycle.start(), lifecycle.start()]);
    expect(lifecycle.state).toBe("ready");
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await lifecycle.stop();
    expect(lifecycle.state).toBe("stopped");
    expect(order).toEqual(["start", "drain", "finishCalls", "stop", "flush"]);
  });

  it("goes on stopping after a step that fails", async () => {
    const { lifecycle, order } = life({ drain: fail, finishCalls: fail, stop: fail });
    await lifecycle.start();
    await lifecycle.stop();
    expect(order).toEqual(["start", "flush"]);
    expect(lifecycle.state).toBe("stopped");
  });

  it("stops what is still starting once it has started", async () => {
    const gate = Promise.withResolvers<void>();
    const { lifecycle, order } = life({ start: () => gate.promise });
    const both = [lifecycle.start(), lifecycle.stop()];
    expect(lifecycle.state).toBe("starting");
    gate.resolve();
    await Promise.all(both);
    expect(order).toEqual(["drain", "finishCalls", "stop", "flush"]);
  });

  it("closes what a failed start has opened, and tells everybody", async () => {
    const { lifecycle, order } = life({ start: fail });
    await expect(lifecycle.start()).rejects.toThrow("no");
    await expect(lifecycle.start()).rejects.toThrow("no");
    await lifecycle.stop();
    expect(order).toEqual(["stop", "flush"]);
  });

  it("never starts after it was stopped", async () => {
    const { lifecycle, order } = life();
    await lifecycle.stop();
    await expect(lifecycle.start()).rejects.toThrow("cannot start again");
    expect(order).toEqual([]);
  });
});
