import { afterEach, describe, expect, it } from "vitest";
import { createModelPool, type ModelPool, ThreadLostError } from "./model-pool.ts";

let pool: ModelPool;
afterEach(() => pool.close());

/** A thread that dies of the task `die` and answers all others with their kind. */
const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ id, task }) => {
      if (task.model === "die") throw new Error("out of memory");
      parentPort.postMessage(task.model === "fail" ? { id, error: { name: "RangeError", message: "y" } } : { id, result: task.kind });
    });
  `)}`,
);
const task = (model: string) => ({ kind: "drop", model }) as const;

describe("pool of threads", () => {
  it("replaces a thread that dies, and fails what it had", async () => {
    const lost: [number, unknown][] = [];
    pool = createModelPool({ size: 2, onLost: (thread, cause) => lost.push([thread, cause]), program: mortal });
    const results = await Promise.allSettled([
      pool.run(1, task("die")),
      pool.run(1, task("a")),
      pool.run(0, task("b")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect((results[0] as PromiseRejectedResult).reason).toBeInstanceOf(ThreadLostError);
    expect(lost).toEqual([[1, expect.objectContaining({ message: "out of memory" })]]);
    expect(await pool.run(1, task("c"))).toBe("drop");
  });

  it("hands on what a task throws", async () => {
    pool = createModelPool({ size: 1, onLost: () => {}, program: mortal });
    await expect(pool.run(0, task("fail"))).rejects.toThrow(RangeError);
  });

  it("chooses the thread with the least work, and another one than the first where there is one", async () => {
    pool = createModelPool({ size: 2, onLost: () => {}, program: mortal });
    expect(pool.leastBusy()).toBe(0);
    const running = pool.run(0, task("a"));
    expect(pool.leastBusy()).toBe(1);
    expect(pool.leastBusy(1)).toBe(0);
    await running;
  });

  it("stops what is asked for with a signal that was aborted before", async () => {
    pool = createModelPool({ size: 1, onLost: () => {} });
    await expect(pool.run(0, task("a"), AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  });
});
