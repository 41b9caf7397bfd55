import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { createColumnDensity } from "./parzen.ts";

const numeric = { name: "x", kind: "numeric" } as const;

describe("createColumnDensity", () => {
  it.each([[[]], [[0.5]], [[0, 0, 1]], [[0.1, 0.11, 0.12, 0.9]]])("integrates to 1 with %j", (coordinates) => {
    const density = createColumnDensity(numeric, coordinates, 1);
    let sum = 0;
    for (let i = 0; i < 4000; i++) sum += Math.exp(density.logDensity((i + 0.5) / 4000)) / 4000;
    expect(sum).toBeCloseTo(1, 5);
  });

  it("draws from the density that it tells", () => {
    const density = createColumnDensity(numeric, [0.1, 0.15, 0.8], 1);
    const rng = createRng(1);
    const draws = Array.from({ length: 20_000 }, () => density.sample(rng));
    for (let tenth = 0; tenth < 10; tenth++) {
      let expected = 0;
      for (let i = 0; i < 100; i++) expected += Math.exp(density.logDensity(tenth / 10 + (i + 0.5) / 1000)) / 1000;
      const share = draws.filter((x) => x >= tenth / 10 && x < (tenth + 1) / 10).length / draws.length;
      expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt(expected / draws.length));
    }
  });

  it("counts categories, with one observation's worth spread over all", () => {
    const density = createColumnDensity({ name: "c", kind: "categorical", categories: 4 }, [1, 1, 3], 1);
    const shares = [0, 1, 2, 3].map((category) => Math.exp(density.logDensity(category)));
    [0.0625, 0.5625, 0.0625, 0.3125].forEach((share, category) => {
      expect(shares[category]).toBeCloseTo(share, 12);
    });
    const rng = createRng(2);
    const draws = Array.from({ length: 10_000 }, () => density.sample(rng));
    expect(draws.filter((category) => category === 1).length / 10_000).toBeCloseTo(0.5625, 1);
  });
});
