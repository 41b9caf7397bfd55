import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNumericAxis } from "./numeric-axis.ts";
import { arbitrarySpace } from "./testing/arbitrary.ts";

describe("createNumericAxis", () => {
  it("gives the super-batch sizes their published coordinates", () => {
    const axis = createNumericAxis({ kind: "integer", min: 128, max: 50_000, scale: "log" }, 50_000);
    expect(axis.encode(512)).toBeCloseTo(0.2322977372, 10);
    expect(axis.encode(128)).toBe(0);
    expect(axis.encode(50_000)).toBe(1);
  });

  it("puts 1 at a target beyond the largest value, and decodes no further than that value", () => {
    const axis = createNumericAxis({ kind: "integer", min: 128, max: 1024, scale: "log" }, 50_000);
    expect(axis.top).toBeCloseTo(Math.log(8) / Math.log(50_000 / 128), 14);
    expect(axis.decode(1)).toBe(1024);
  });

  it.each([0.1, 0.3, 0.001, 1 / 1024, 1e-5, 0.999999999999, 0.0031622776602])(
    "keeps %d exactly, on both scales",
    (value) => {
      for (const scale of ["linear", "log"] as const) {
        const axis = createNumericAxis({ kind: "float", min: 1e-6, max: 1, scale });
        expect(axis.decode(axis.encode(value))).toBe(value);
      }
    },
  );

  it("keeps bounds that are not on the decimal grid", () => {
    const axis = createNumericAxis({ kind: "float", min: 1 / 3, max: Math.PI, scale: "linear" });
    expect([axis.decode(axis.encode(1 / 3)), axis.decode(axis.encode(Math.PI))]).toEqual([1 / 3, Math.PI]);
    expect([axis.decode(-1), axis.decode(2)]).toEqual([1 / 3, Math.PI]);
  });

  it("keeps every value that it has decoded, floats included", () => {
    fc.assert(
      fc.property(arbitrarySpace, fc.double({ min: 0, max: 1, noNaN: true }), ({ parameters }, u) => {
        for (const { domain, fidelity } of parameters) {
          if (domain.kind !== "float" && domain.kind !== "integer" && domain.kind !== "discrete") continue;
          const axis = createNumericAxis(domain, fidelity?.target);
          for (const value of [axis.decode(u * axis.top), axis.quantile(Math.min(u, 1 - 2 ** -53))]) {
            expect(axis.contains(value)).toBe(true);
            expect(axis.decode(axis.encode(value))).toBe(value);
          }
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it("moves a float that is off the grid by less than 5e-12 of its range or size", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (value) => {
        const linear = createNumericAxis({ kind: "float", min: -2, max: 1, scale: "linear" });
        expect(Math.abs(linear.decode(linear.encode(value)) - value)).toBeLessThanOrEqual(5e-12 * 3);
        const log = createNumericAxis({ kind: "float", min: 1e-6, max: 1, scale: "log" });
        expect(Math.abs(log.decode(log.encode(value)) / value - 1)).toBeLessThanOrEqual(5e-12);
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it("tells apart each of 2^40 logarithmic integers near its end", () => {
    const axis = createNumericAxis({ kind: "integer", min: 1, max: 2 ** 40, scale: "log" });
    for (let value = 2 ** 40; value > 2 ** 40 - 1000; value--) expect(axis.decode(axis.encode(value))).toBe(value);
  });

  it("gives each integer the same share of quantiles, the first and last included", () => {
    const axis = createNumericAxis({ kind: "integer", min: -1, max: 2, scale: "linear" });
    const counts = new Map<number, number>();
    for (let i = 0; i < 400; i++) {
      const value = axis.quantile((i + 0.5) / 400);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ "-1": 100, 0: 100, 1: 100, 2: 100 });
  });

  it("steps through levels and stops at the ends", () => {
    const discrete = createNumericAxis({ kind: "discrete", values: [1, 4, 9], scale: "linear" });
    expect([discrete.step(4, 1), discrete.step(4, -1), discrete.step(9, 1), discrete.step(1, -1)]).toEqual([
      9,
      1,
      undefined,
      undefined,
    ]);
    const float = createNumericAxis({ kind: "float", min: 0, max: 1, scale: "linear" });
    expect(float.step(0.5, 1)).toBeUndefined();
  });
});
