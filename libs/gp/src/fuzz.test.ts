import { describe, expect, it } from "vitest";
import { fuzzCase } from "./fuzz.ts";

describe("any finite data", () => {
  it("gives a model without failure, NaN or negative variance", { timeout: 60_000 }, () => {
    for (let seed = 0; seed < 150; seed++) expect(fuzzCase(seed, 60), `seed ${seed}`).toEqual([]);
  });
});
