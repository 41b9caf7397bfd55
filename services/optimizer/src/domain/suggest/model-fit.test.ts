import { describe, expect, it } from "vitest";
import { inferenceSize } from "./model-fit.ts";

describe("inferenceSize", () => {
  it("is all of few observations, and lags by less than a sixteenth of many", () => {
    for (let n = 1; n <= 3000; n++) {
      const from = inferenceSize(n);
      expect(from).toBeGreaterThan(n - Math.max(1, n / 16));
      expect(from).toBeLessThanOrEqual(n);
      if (n < 32) expect(from).toBe(n);
    }
  });

  it("seldom changes", () => {
    const sizes = new Set(Array.from({ length: 1000 }, (_, i) => inferenceSize(i + 1)));
    expect(sizes.size).toBeLessThan(120);
  });
});
