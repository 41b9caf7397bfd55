import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createModelCache } from "./model-cache.ts";

const entry = (handle: string, bytes = 10) => ({ handle, bytes });

describe("model cache", () => {
  it("forgets the least recently used first", () => {
    const removed: string[] = [];
    const cache = createModelCache({ limitBytes: 30, onRemoved: ({ handle }) => removed.push(handle) });
    for (const handle of ["a", "b", "c"]) cache.put(entry(handle));
    cache.get("a");
    cache.put(entry("d"));
    expect(removed).toEqual(["b"]);
    cache.put(entry("e", 20));
    expect(removed).toEqual(["b", "c", "a"]);
  });

  it("keeps the newest even if it alone is too large", () => {
    const cache = createModelCache({ limitBytes: 30, onRemoved: () => {} });
    cache.put(entry("a"));
    cache.put(entry("huge", 100));
    expect([cache.size, cache.get("huge")?.bytes]).toEqual([1, 100]);
  });

  it("accounts for every byte, and tells of every entry that leaves", () => {
    const operation = fc.tuple(fc.constantFrom("put", "delete", "get"), fc.constantFrom(..."abcdef"), fc.nat(40));
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const inside = new Map<string, number>();
        const cache = createModelCache({ limitBytes: 60, onRemoved: ({ handle }) => inside.delete(handle) });
        for (const [kind, handle, bytes] of operations) {
          if (kind === "put") {
            cache.put(entry(handle, bytes));
            inside.set(handle, bytes);
            expect(cache.bytes <= 60 || cache.size === 1).toBe(true);
          } else cache[kind as "delete" | "get"](handle);
          expect(cache.size).toBe(inside.size);
          expect(cache.bytes).toBe([...inside.values()].reduce((sum, value) => sum + value, 0));
        }
      }),
    );
  });
});
