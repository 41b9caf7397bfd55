import { describe, expect, it } from "vitest";
import { compared, describeStanding, type Sourced, standingOf, sumOf } from "./confirmed.ts";

interface Result extends Sourced {
  readonly error: number;
}
const after = (record: Result, earlier?: Result) => compared(record, earlier, ({ error }) => error);

describe("compared", () => {
  it("says which sources gave the same result, over several changes", () => {
    const first = after({ digest: "a", error: 1 });
    expect(first).toEqual({ digest: "a", error: 1 });
    const second = after({ digest: "b", error: 1 }, first);
    expect(second.confirms).toEqual(["a"]);
    expect(after({ digest: "c", error: 1 }, second).confirms).toEqual(["a", "b"]);
    expect(after({ digest: "b", error: 1 }, second).confirms).toEqual(["a"]);
  });

  it("says which sources gave another one", () => {
    const first = after({ digest: "b", error: 1 }, { digest: "a", error: 1 });
    const second = after({ digest: "c", error: 2 }, first);
    expect(second).toEqual({ digest: "c", error: 2, refutes: ["a", "b"] });
    expect(after({ digest: "d", error: 2 }, second)).toMatchObject({ confirms: ["c"], refutes: ["a", "b"] });
  });
});

describe("standingOf", () => {
  it("counts what results of the present sources vouch for", () => {
    const records = [
      { digest: "now", confirms: ["a"] },
      { digest: "now" },
      { digest: "a" },
      { digest: "a" },
      { digest: "b" },
      // Of earlier sources itself: it vouches for nothing.
      { digest: "c", confirms: ["b"] },
    ];
    expect(standingOf(records, "now")).toEqual({ all: 6, earlier: 4, vouched: 2, same: 1, different: 0 });
  });

  it("vouches for no sources that one result speaks against", () => {
    const records = [{ digest: "now", confirms: ["a"] }, { digest: "now", refutes: ["a"] }, { digest: "a" }];
    expect(standingOf(records, "now")).toEqual({ all: 3, earlier: 1, vouched: 0, same: 1, different: 1 });
  });

  it("is told in words, for several methods together", () => {
    const some = { all: 9, earlier: 4, vouched: 3, same: 2, different: 1 };
    const none = { all: 2, earlier: 0, vouched: 0, same: 2, different: 0 };
    expect(describeStanding(none)).toBe("");
    expect(describeStanding({ ...some, vouched: 0, same: 0, different: 0 })).toBe(
      "4 of 9 studies are of earlier sources.",
    );
    expect(describeStanding(sumOf([some, none]))).toBe(
      "4 of 11 studies are of earlier sources. Of 5 that the present ones ran again 4 came out the same to the digits recorded, which vouches for 3 of these.",
    );
  });
});
