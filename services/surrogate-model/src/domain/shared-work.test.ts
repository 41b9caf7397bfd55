import { describe, expect, it } from "vitest";
import { createSharedWork } from "./shared-work.ts";

const never = new AbortController().signal;

function work() {
  const shared = createSharedWork<string>();
  const started: { signal: AbortSignal; finish: PromiseWithResolvers<string> }[] = [];
  const join = (key: string, signal = never) =>
    shared.join(key, signal, (own) => {
      const finish = Promise.withResolvers<string>();
      started.push({ signal: own, finish });
      return finish.promise;
    });
  return { join, started };
}

describe("shared work", () => {
  it("runs once for all who wait at the same time, and again for later ones", async () => {
    const { join, started } = work();
    const both = [join("a"), join("a")];
    started[0]!.finish.resolve("done");
    expect(await Promise.all(both)).toEqual(["done", "done"]);
    expect(started).toHaveLength(1);
    const later = join("a");
    started[1]!.finish.resolve("again");
    expect(await later).toBe("again");
  });

  it("goes on while somebody waits", async () => {
    const { join, started } = work();
    const leaver = new AbortController();
    const [left, stays] = [join("a", leaver.signal), join("a")];
    leaver.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    expect(started[0]!.signal.aborted).toBe(false);
    started[0]!.finish.resolve("done");
    expect(await stays).toBe("done");
  });

  it("is called off when the last one leaves; who comes then starts afresh", async () => {
    const { join, started } = work();
    const leaver = new AbortController();
    const left = join("a", leaver.signal);
    leaver.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    expect(started[0]!.signal.aborted).toBe(true);
    const next = join("a");
    started[0]!.finish.reject(new DOMException("", "AbortError"));
    started[1]!.finish.resolve("fresh");
    expect(await next).toBe("fresh");
  });

  it("tells everybody of a failure", async () => {
    const { join, started } = work();
    const both = [join("a"), join("a")];
    started[0]!.finish.reject(new Error("no"));
    for (const one of both) await expect(one).rejects.toThrow("no");
  });

  it("does not begin for a caller that has left", async () => {
    const { join, started } = work();
    await expect(join("a", AbortSignal.abort())).rejects.toBeDefined();
    expect(started).toHaveLength(0);
  });
});
