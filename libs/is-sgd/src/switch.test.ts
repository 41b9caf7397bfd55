import { describe, expect, it } from "vitest";
import { adaptSuperBatch, switchThreshold, thresholdOf } from "./switch.ts";

describe("the switch", () => {
  it("uses the reference's threshold", () => {
    expect(switchThreshold(384, 128)).toBe(2);
  });

  it("takes a measured cost ratio or a fixed threshold instead", () => {
    expect(switchThreshold(384, 128, 6)).toBe(1.5);
    expect(thresholdOf({ batchSize: 128, costRatio: 3, threshold: 1.1 }, 384)).toBe(1.1);
    expect(thresholdOf({ batchSize: 128, costRatio: 3 }, 384)).toBe(2);
  });

  it("rises with B, so a super-batch that is large enough never pays", () => {
    expect(switchThreshold(50_000, 128)).toBeGreaterThan(Math.sqrt(128));
  });
});

describe("an adaptive super-batch", () => {
  const rule = { batchSize: 100, costRatio: 3 };
  const adapt = (current: number, tau: number) => adaptSuperBatch(current, 200, tau, rule, { max: 1000, growth: 2 });

  it("grows while τ pays for the grown size, up to the maximum", () => {
    expect(adapt(200, 2.4)).toBe(400); // τ_th(400) = 7/3
    expect(adapt(200, 2.3)).toBe(200);
    expect(adapt(800, 10)).toBe(1000);
    expect(adapt(1000, 10)).toBe(1000);
  });

  it("shrinks, never below the start, when τ does not pay for the present size", () => {
    expect(adapt(800, 2)).toBe(400); // τ_th(800) = 11/3
    expect(adapt(300, 1.2)).toBe(200);
    expect(adapt(200, 1.2)).toBe(200);
  });
});
