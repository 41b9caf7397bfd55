import { describe, expect, it } from "vitest";
import { type Basis, fits, type ReadySuggestion } from "./ready-suggestions.ts";

const basis: Basis = { number: 6, spaceVersion: 1, known: 3, pending: 2 };

const ready: ReadySuggestion = {
  number: 6,
  suggestion: { point: { x: 1 }, origin: "model", replicate: false },
  traceparent: "",
  spaceVersion: 1,
  known: 3,
  alone: false,
};

describe("a suggestion that was computed ahead", () => {
  it("fits as the trial that it was computed to be, in the space that it is a point of", () => {
    expect(fits(basis, ready)).toBe(true);
    expect(fits({ ...basis, number: 7 }, ready)).toBe(false);
    expect(fits({ ...basis, spaceVersion: 2 }, ready)).toBe(false);
  });

  it("may miss as many results as other trials are pending", () => {
    expect(fits({ ...basis, known: 5 }, ready)).toBe(true);
    expect(fits({ ...basis, known: 6 }, ready)).toBe(false);
  });

  it("must know everything when no other trial is pending", () => {
    const alone = { ...basis, pending: 0 };
    expect(fits(alone, { ...ready, alone: true })).toBe(true);
    expect(fits({ ...alone, known: 4 }, { ...ready, alone: true })).toBe(false);
    // Computed while others ran: a repeated run would not have known of them.
    expect(fits(alone, ready)).toBe(false);
  });
});
