import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, dimensions, encode } from "./encoding.ts";
import type { SearchSpace } from "./parameter.ts";
import { samplePoint } from "./sample.ts";
import { arbitrarySpace } from "./testing/arbitrary.ts";
import { validatePoint } from "./validate-point.ts";
import { validateSpace } from "./validate-space.ts";

const space: SearchSpace = {
  parameters: [
    { name: "optimizer", domain: { kind: "categorical", categories: ["sgd", "adam"] } },
    { name: "nesterov", domain: { kind: "boolean" }, condition: { parent: "optimizer", values: ["sgd"] } },
    {
      name: "momentum",
      domain: { kind: "float", min: 0, max: 1, scale: "linear" },
      condition: { parent: "nesterov", values: [true] },
    },
    { name: "warmup", domain: { kind: "fixed", value: 5 }, condition: { parent: "optimizer", values: ["adam"] } },
    { name: "width", domain: { kind: "discrete", values: [16, 32, 64], scale: "log" } },
    {
      name: "epochs",
      domain: { kind: "integer", min: 1, max: 9, scale: "linear" },
      fidelity: { target: 17, basis: "exponential" },
    },
  ],
  constraints: [],
};

describe("dimensions", () => {
  it("describes each column, without the fixed parameters", () => {
    expect(dimensions(space)).toEqual([
      { name: "optimizer", kind: "categorical", categories: 2 },
      { name: "nesterov", kind: "categorical", categories: 2, condition: { parent: 0, values: [0] } },
      { name: "momentum", kind: "numeric", condition: { parent: 1, values: [1] } },
      { name: "width", kind: "numeric", levels: 3 },
      { name: "epochs", kind: "fidelity", basis: "exponential", levels: 9 },
    ]);
  });
});

describe("encode", () => {
  it("puts NaN where a parameter is inactive, also below an inactive parent", () => {
    const row = encode(space, { optimizer: "adam", warmup: 5, width: 32, epochs: 9 });
    expect([...row]).toEqual([1, Number.NaN, Number.NaN, 0.5, 0.5]);
  });

  it("refuses missing and foreign values, naming the parameter", () => {
    expect(() => encode(space, { optimizer: "adam", width: 33, epochs: 1 })).toThrow(
      "33 is not a value of the parameter width",
    );
    expect(() => encode(space, { optimizer: "adam", epochs: 1 })).toThrow("width");
    expect(() => encode(space, { optimizer: "lbfgs", width: 16, epochs: 1 })).toThrow('"lbfgs"');
  });
});

describe("decode", () => {
  it("leaves inactive parameters out and adds fixed ones where they are active", () => {
    expect(decode(space, [0, 0, Number.NaN, 0.4, 0])).toEqual({
      optimizer: "sgd",
      nesterov: false,
      width: 32,
      epochs: 1,
    });
    expect(decode(space, [1, 0, 0.3, 1, 0])).toEqual({ optimizer: "adam", warmup: 5, width: 64, epochs: 1 });
  });

  it("refuses rows that leave an active parameter open or have another length", () => {
    expect(() => decode(space, [0, Number.NaN, 0, 0, 0])).toThrow("nesterov is active");
    expect(() => decode(space, [0])).toThrow("expected 5 coordinates");
  });

  it("is the exact inverse of encode on whatever was sampled or decoded", () => {
    fc.assert(
      fc.property(arbitrarySpace, fc.nat(), (space, seed) => {
        expect(validateSpace(space)).toEqual([]);
        const point = samplePoint(space, createRng(seed));
        expect(validatePoint(space, point)).toEqual([]);
        const row = encode(space, point);
        expect(decode(space, row)).toEqual(point);
        expect(encode(space, decode(space, row))).toEqual(row);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });
});
