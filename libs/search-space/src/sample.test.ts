import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { createCandidateSpace } from "./candidate-space.ts";
import { decode, encode } from "./encoding.ts";
import type { SearchSpace } from "./parameter.ts";
import { isFeasible, repair } from "./repair.ts";
import { createSobolSampler, samplePoint } from "./sample.ts";
import { validatePoint } from "./validate-point.ts";
import { validateSpace } from "./validate-space.ts";

const triangle: SearchSpace = {
  parameters: [
    { name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
    { name: "y", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
  ],
  constraints: [{ coefficients: { x: 1, y: 1 }, bound: 1 }],
};

/** Feasible only where 3 i + 2 j is 61 or 62: hardly any draw is. */
const thin: SearchSpace = {
  parameters: [
    { name: "i", domain: { kind: "integer", min: 0, max: 1000, scale: "linear" } },
    { name: "j", domain: { kind: "integer", min: 0, max: 1000, scale: "linear" } },
    {
      name: "s",
      domain: { kind: "integer", min: 1, max: 8, scale: "log" },
      fidelity: { target: 64, basis: "fabolas" },
    },
  ],
  constraints: [
    { coefficients: { i: 3, j: 2 }, bound: 62 },
    { coefficients: { i: -3, j: -2 }, bound: -61 },
  ],
};

describe("samplePoint", () => {
  it("is uniform over what is feasible", () => {
    const rng = createRng(5);
    const points = Array.from({ length: 4000 }, () => samplePoint(triangle, rng));
    // The triangle's centroid is at 1/3, and x ≤ 1/2 holds on three quarters of it; four standard errors.
    expect(points.reduce((sum, { x }) => sum + (x as number), 0) / 4000).toBeCloseTo(1 / 3, 1.8);
    const share = points.filter(({ x }) => (x as number) <= 0.5).length / 4000;
    expect(Math.abs(share - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / 4000));
  });

  it("finds feasible points where rejection does not", () => {
    expect(validateSpace(thin)).toEqual([]);
    const rng = createRng(6);
    for (let i = 0; i < 20; i++) expect(validatePoint(thin, samplePoint(thin, rng))).toEqual([]);
  });
});

describe("createSobolSampler", () => {
  it("goes on where skipping led, constraints or not", () => {
    for (const space of [triangle, { ...triangle, constraints: [] }]) {
      const whole = createSobolSampler(space, createRng(7));
      const points = Array.from({ length: 9 }, () => whole.next());
      const late = createSobolSampler(space, createRng(7));
      late.skip(6);
      expect(Array.from({ length: 3 }, () => late.next())).toEqual(points.slice(6));
      expect(points.every((point) => isFeasible(space, point))).toBe(true);
    }
  });
});

describe("repair", () => {
  it("moves a point to the nearest feasible place and leaves feasible ones alone", () => {
    const moved = decode(triangle, repair(triangle, [0.9, 0.5]));
    expect(moved.x).toBeCloseTo(0.7, 8);
    expect(moved.y).toBeCloseTo(0.3, 8);
    const inside = encode(triangle, { x: 0.2, y: 0.3 });
    expect(repair(triangle, inside)).toEqual(inside);
  });

  it("keeps fidelities as they are", () => {
    const repaired = repair(thin, [1, 1, 0.5]);
    expect(repaired[2]).toBe(0.5);
    expect(validatePoint(thin, decode(thin, repaired))).toEqual([]);
  });

  it("fills what has become active and clears what has not", () => {
    const space: SearchSpace = {
      parameters: [
        { name: "on", domain: { kind: "boolean" } },
        {
          name: "x",
          domain: { kind: "float", min: 0, max: 1, scale: "linear" },
          condition: { parent: "on", values: [true] },
        },
      ],
      constraints: [],
    };
    expect([...repair(space, [1, Number.NaN])]).toEqual([1, 0.5]);
    expect([...repair(space, [0, 0.3])]).toEqual([0, Number.NaN]);
  });
});

describe("createCandidateSpace", () => {
  it("rejects places that constraints exclude and repairs points near them", () => {
    const space = createCandidateSpace(triangle);
    expect(space.sample(Float64Array.of(0.9, 0.9))).toBeUndefined();
    expect(space.sample(Float64Array.of(0.25, 0.5))).toEqual(Float64Array.of(0.25, 0.5));
    const repaired = space.repair(Float64Array.of(0.9, 0.9))!;
    expect(repaired[0]! + repaired[1]!).toBeCloseTo(1, 8);
  });

  it("holds fidelities within what may be evaluated, and puts targets at 1", () => {
    const space = createCandidateSpace(thin);
    expect(space.fidelityColumns).toEqual([2]);
    expect(space.repair(Float64Array.of(0.01, 0.016, 1))![2]).toBeCloseTo(0.5, 14);
    expect([...space.target(Float64Array.of(0.1, 0.2, 0.25))]).toEqual([0.1, 0.2, 1]);
  });
});
