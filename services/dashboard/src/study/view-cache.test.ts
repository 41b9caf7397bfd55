import { describe, expect, it } from "vitest";
import type { StudyFeed } from "./study-feed.ts";
import { createViewCache } from "./view-cache.ts";

function setUp(wait = 60_000) {
  let time = 0;
  let revision = 1;
  let made = 0;
  const feed = { revision: () => revision } as StudyFeed;
  const cache = createViewCache({ now: () => time, wait });
  return {
    made: () => made,
    change: () => void revision++,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    /** Asks for a view that takes so long. */
    get: (key: string, takes = 0, failure?: Error) =>
      cache.get(feed, key, async () => {
        made++;
        time += takes;
        await null;
        if (failure) throw failure;
        return { made };
      }),
    cache,
    feed,
  };
}

describe("createViewCache", () => {
  it("makes a view once for all who ask, and again after a change", async () => {
    const { get, change, made, pass } = setUp();
    const all = await Promise.all([get("a"), get("a"), get("a")]);
    expect(all.map((view) => view!.json)).toEqual(Array(3).fill('{"made":1}'));
    pass(1);
    change();
    expect(await get("a")).toEqual({ json: '{"made":2}', outdatedFor: 0 });
    await get("b");
    expect(made()).toBe(3);
  });

  it("shows what took long ten times as long, and says when there may be a newer one", async () => {
    const { get, change, pass } = setUp();
    await get("a", 2_000);
    change();
    pass(15_000);
    expect(await get("a", 2_000)).toEqual({ json: '{"made":1}', outdatedFor: 5_000 });
    pass(5_000);
    expect(await get("a", 2_000)).toEqual({ json: '{"made":2}', outdatedFor: 0 });
  });

  it("tells a failure that took long again for a while, and tries again then", async () => {
    const { get, made, pass } = setUp();
    const failure = new Error("no model");
    await expect(get("a", 1_000, failure)).rejects.toBe(failure);
    pass(9_000);
    await expect(get("a")).rejects.toBe(failure);
    expect(made()).toBe(1);
    pass(1_000);
    expect(await get("a")).toMatchObject({ json: '{"made":2}' });
  });

  it("tries what failed at once again at once", async () => {
    const { get } = setUp();
    await expect(get("a", 0, new Error("away"))).rejects.toThrow("away");
    expect(await get("a")).toMatchObject({ json: '{"made":2}' });
  });

  it("lets nobody wait for long: the view is there for whoever asks again", async () => {
    const { cache, feed } = setUp(5);
    const slow = Promise.withResolvers<string>();
    expect(await cache.get(feed, "a", () => slow.promise)).toBeUndefined();
    const second = cache.get(feed, "a", () => Promise.reject(new Error("made twice")));
    slow.resolve("done");
    expect(await second).toEqual({ json: '"done"', outdatedFor: 0 });
  });
});
