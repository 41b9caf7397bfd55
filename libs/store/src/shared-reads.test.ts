import { describe, expect, it } from "vitest";
import { shareReads } from "./shared-reads.ts";

/** Reads that end when they are told to. */
function controlled() {
  const reads: { key: string; resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const read = shareReads(
    (key: string) => new Promise<number>((resolve, reject) => void reads.push({ key, resolve, reject })),
  );
  return { reads, read };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("shared reads", () => {
  it("answer any number of questions with two reads: the one that ran, and one that began after them", async () => {
    const { reads, read } = controlled();
    const first = read("a");
    const later = Array.from({ length: 50 }, () => read("a"));
    await turn();
    expect(reads).toHaveLength(1);
    reads[0]!.resolve(1);
    expect(await first).toBe(1);
    await turn();
    expect(reads).toHaveLength(2);
    reads[1]!.resolve(2);
    expect(new Set(await Promise.all(later))).toEqual(new Set([2]));
    const fresh = read("a");
    expect(reads).toHaveLength(3);
    reads[2]!.resolve(3);
    expect(await fresh).toBe(3);
  });

  it("of other keys wait for nobody", async () => {
    const { reads, read } = controlled();
    void read("a");
    const other = read("b");
    expect(reads.map(({ key }) => key)).toEqual(["a", "b"]);
    reads[1]!.resolve(7);
    expect(await other).toBe(7);
  });

  it("that fail are told to those who shared them, and the next goes on", async () => {
    const { reads, read } = controlled();
    const first = read("a");
    const second = read("a");
    reads[0]!.reject(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    await turn();
    reads[1]!.resolve(5);
    expect(await second).toBe(5);
  });
});
