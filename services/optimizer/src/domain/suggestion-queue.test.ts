import { describe, expect, it } from "vitest";
import { type Basis, createSuggestionQueue, type ReadySuggestion } from "./suggestion-queue.ts";

function ready(x: number, known: number, alone: boolean): ReadySuggestion {
  return { suggestion: { point: { x }, origin: "model", replicate: false }, traceparent: "", known, alone };
}

const basis: Basis = { createdAt: 1, trialCount: 5, spaceVersion: 1, known: 3, pending: 2 };

/** A queue with two suggestions, computed when three results were known. */
function filled(alone: boolean, change: Partial<Basis> = {}) {
  const queue = createSuggestionQueue();
  const token = queue.begin({ ...basis, ...change });
  queue.append(token, [ready(1, 3, alone), ready(2, 3, alone)]);
  return queue;
}

describe("suggestions that were computed ahead", () => {
  it("are handed out in order while they follow the study's trials", () => {
    const queue = filled(false);
    expect(queue.ready(basis, 1).map(({ suggestion }) => suggestion.point)).toEqual([{ x: 1 }]);
    queue.shift(1);
    expect(queue.points).toEqual([{ x: 2 }]);
    expect(queue.ready({ ...basis, trialCount: 6 }, 5)).toHaveLength(1);
  });

  it("are forgotten when others created trials or the space changed", () => {
    expect(filled(false).ready({ ...basis, trialCount: 6 }, 5)).toEqual([]);
    expect(filled(false).ready({ ...basis, spaceVersion: 2 }, 5)).toEqual([]);
    expect(filled(false).ready({ ...basis, createdAt: 2 }, 5)).toEqual([]);
  });

  it("may miss as many results as other trials are pending", () => {
    expect(filled(false).ready({ ...basis, known: 5 }, 5)).toHaveLength(2);
    expect(filled(false).ready({ ...basis, known: 6 }, 5)).toEqual([]);
  });

  it("must know everything when no other trial is pending", () => {
    const alone = { ...basis, pending: 0 };
    expect(filled(true).ready(alone, 5)).toHaveLength(2);
    expect(filled(true).ready({ ...alone, known: 4 }, 5)).toEqual([]);
    // Computed while others ran: a repeated run would not have known of them.
    expect(filled(false).ready(alone, 5)).toEqual([]);
  });

  it("are dropped if what they follow was forgotten while they were computed", () => {
    const queue = filled(false);
    const token = queue.begin(basis);
    queue.ready({ ...basis, trialCount: 9 }, 1);
    queue.append(token, [ready(3, 3, false)]);
    expect(queue.length).toBe(0);
  });

  it("follow trials that were leased while they were computed", () => {
    const queue = createSuggestionQueue();
    queue.append(queue.begin(basis), [ready(1, 3, false)]);
    const token = queue.begin(basis);
    queue.shift(1);
    queue.append(token, [ready(2, 3, false)]);
    expect(queue.ready({ ...basis, trialCount: 6 }, 5)).toHaveLength(1);
  });
});
