import { createRng } from "@superbatch/random";
import { encode, type Point, samplePoint } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { atTarget, trialCost } from "./problem.ts";
import { problems } from "./problems.ts";

const problem = (name: string) => problems.find((each) => each.name === name)!;
/** From the unit cube's coordinates, the fidelity last. */
const at = (...row: number[]): Point =>
  Object.fromEntries(row.map((value, d) => [d === row.length - 1 ? "s" : `x${d}`, value]));

describe("problems", () => {
  it("agree with published values", () => {
    const branin = problem("branin");
    const place = (x: number, y: number, s: number) => at((x + 5) / 15, y / 15, s);
    for (const [x, y] of [
      [-Math.PI, 12.275],
      [Math.PI, 2.275],
      [9.42478, 2.475],
    ] as const)
      expect(branin.value(place(x, y, 1))).toBeCloseTo(0.397887, 5);
    // The optimizers that BoTorch lists at lower fidelities.
    for (const [y, s] of [
      [1.3867356039019576, 0.1],
      [1.781519779945532, 0.5],
      [2.1763039559891064, 0.9],
    ] as const)
      expect(branin.value(place(Math.PI, y, s))).toBeCloseTo(0.397887, 5);

    const hartmann = problem("hartmann6");
    const best = [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573];
    expect(hartmann.value(at(...best, 1))).toBeCloseTo(-3.32237, 5);
    // Its first well weighs a tenth less at s = 0.
    const well = [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886];
    expect(hartmann.value(at(...well, 0)) - hartmann.value(at(...well, 1))).toBeCloseTo(0.1, 12);

    // Dragonfly's maxima of the following three, which it rounds or searches less precisely.
    expect(problem("currin").minimum).toBeCloseTo(-13.7987, 3);
    expect(problem("borehole").minimum).toBeCloseTo(-309.5, 0);
    expect(problem("park").minimum).toBeCloseTo(-25.589, 2);
    expect(problem("currin").value(at(0.5, 0.5, 1))).toBeCloseTo(-(1 - Math.exp(-1)) * (1868.5 / 159.5), 12);
    expect(problem("currin").value(at(0.5, 0.5, 0))).toBeCloseTo(-(1 - 0.9 * Math.exp(-1)) * (1868.5 / 159.5), 12);
    expect(problem("park").value(at(1, 1, 1, 1, 1))).toBeCloseTo(
      -((Math.sqrt(3) - 1) / 2 + 4 * Math.exp(1 + Math.sin(1))),
      12,
    );
  });

  it("have their minimum where they say, and nothing below it", () => {
    const minimizers: Record<string, Point> = {
      branin: at((Math.PI + 5) / 15, 2.275 / 15, 1),
      hartmann6: at(0.20168952, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054, 1),
      currin: at(0.21666645, 0, 1),
      borehole: at(1, 0, 1, 1, 1, 0, 0, 1, 1),
      park: at(1, 1, 1, 1, 1),
      mixed: { ...at(0.42, 0.45, 0.75, 0.45, 0.2, 1), width: 5, optimizer: "b", schedule: "c" },
    };
    for (const { name, space, value, minimum } of problems) {
      expect(value(minimizers[name]!)).toBeCloseTo(minimum, 6);
      const rng = createRng(name);
      for (let i = 0; i < 2000; i++) {
        // Everywhere, and ever nearer to the minimizer.
        const drawn = atTarget(samplePoint(space, rng));
        const share = 10 ** (-6 * rng.uniform());
        const near = Object.entries(minimizers[name]!).map(([key, center]) => [
          key,
          key.startsWith("x") ? (center as number) + share * ((drawn[key] as number) - (center as number)) : center,
        ]);
        expect(value(drawn)).toBeGreaterThanOrEqual(minimum);
        expect(value(Object.fromEntries(near))).toBeGreaterThanOrEqual(minimum - 1e-9);
      }
    }
  });

  it("cost a tenth at the lowest fidelity and 1 at the target", () => {
    expect(trialCost({ s: 0 })).toBeCloseTo(0.1);
    expect(trialCost({ s: 1 })).toBe(1);
    for (const { space } of problems)
      expect(encode(space, samplePoint(space, createRng("s"))).length).toBe(space.parameters.length);
  });
});
