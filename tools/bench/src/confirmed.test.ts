import { describe, expect, it } from "vitest";
import { confirming, describeStanding, type Sourced, standingOf } from "./confirmed.ts";

interface Result extends Sourced {
  readonly error: number;
}
const resultOf = ({ error }: Result) => error;

describe("confirming", () => {
  it("says which sources gave the same result, over several changes", () => {
    const first = confirming<Result>({ digest: "a", error: 1 }, undefined, resultOf);
    expect(first).toEqual({ digest: "a", error: 1 });
    const second = confirming({ digest: "b", error: 1 }, first, resultOf);
    expect(second.confirms).toEqual(["a"]);
    expect(confirming({ digest: "c", error: 1 }, second, resultOf).confirms).toEqual(["a", "b"]);
    expect(confirming({ digest: "b", error: 1 }, second, resultOf).confirms).toBeUndefined();
  });

  it("says nothing of a result that differs", () => {
    expect(confirming<Result>({ digest: "b", error: 2 }, { digest: "a", error: 1 }, resultOf).confirms).toBeUndefined();
  });
});

describe("standingOf", () => {
  it("counts what a result of the present sources vouches for", () => {
    const records = [
      { digest: "now", confirms: ["a"] },
      { digest: "now" },
      { digest: "a" },
      { digest: "a" },
      { digest: "b" },
      // Of earlier sources itself: it vouches for nothing.
      { digest: "c", confirms: ["b"] },
    ];
    expect(standingOf(records, "now")).toEqual({ all: 6, earlier: 4, vouched: 2, confirming: 1 });
  });

  it("is told in words", () => {
    const standing = { all: 9, earlier: 4, vouched: 4, confirming: 2 };
    expect(describeStanding({ ...standing, earlier: 0, vouched: 0 })).toBe("");
    expect(describeStanding({ ...standing, vouched: 0 })).toBe("4 of 9 studies are of earlier sources.");
    expect(describeStanding(standing)).toMatch(/^4 of 9 .* 2 studies were run again .* vouches for these\.$/);
    expect(describeStanding({ ...standing, vouched: 3 })).toMatch(/vouches for 3 of these\.$/);
  });
});
