import type { Dimension, Parameter, SearchSpace } from "@superbatch/search-space";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  common,
  dimensionFromProto,
  dimensionToProto,
  gaussianFromProto,
  gaussianToProto,
  matrixFromProto,
  matrixToProto,
  pointFromProto,
  pointToProto,
  spaceFromProto,
  spaceToProto,
  surrogate,
  vectorFromProto,
  vectorToProto,
} from "../index.ts";

// proto3 does not send zeros, so −0 arrives as 0.
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const scale = fc.constantFrom("linear" as const, "log" as const);
const basis = fc.constantFrom("fabolas" as const, "linear" as const, "exponential" as const);
const effect = fc.constant("small" as const);
const value = fc.oneof(finite, fc.string(), fc.boolean());
const domain = fc.oneof(
  fc.record({ kind: fc.constant("float" as const), min: finite, max: finite, scale }),
  fc.record({ kind: fc.constant("integer" as const), min: fc.maxSafeInteger(), max: fc.maxSafeInteger(), scale }),
  fc.record({ kind: fc.constant("discrete" as const), values: fc.array(finite), scale }),
  fc.record({ kind: fc.constant("categorical" as const), categories: fc.array(fc.string()) }),
  fc.record({ kind: fc.constant("boolean" as const) }),
  fc.record({ kind: fc.constant("fixed" as const), value }),
);
const parameter: fc.Arbitrary<Parameter> = fc.record(
  {
    name: fc.string(),
    domain,
    condition: fc.record({ parent: fc.string(), values: fc.array(value) }),
    fidelity: fc.record({ target: finite, basis, effect }, { requiredKeys: ["target", "basis"] }),
  },
  { requiredKeys: ["name", "domain"] },
);
const name = fc.stringMatching(/^[a-z_]{1,8}$/);
const space: fc.Arbitrary<SearchSpace> = fc.record({
  parameters: fc.array(parameter),
  constraints: fc.array(fc.record({ coefficients: fc.dictionary(name, finite), bound: finite })),
});
const condition = fc.record({ parent: fc.nat(100), values: fc.array(finite) });
const dimension: fc.Arbitrary<Dimension> = fc.oneof(
  fc.record(
    { name, kind: fc.constant("numeric" as const), levels: fc.integer({ min: 2, max: 1e6 }), condition },
    { requiredKeys: ["name", "kind"] },
  ),
  fc.record(
    { name, kind: fc.constant("categorical" as const), categories: fc.integer({ min: 2, max: 99 }), condition },
    { requiredKeys: ["name", "kind", "categories"] },
  ),
  fc.record(
    { name, kind: fc.constant("fidelity" as const), basis, effect, levels: fc.integer({ min: 2, max: 1e6 }) },
    { requiredKeys: ["name", "kind", "basis"] },
  ),
);

describe("messages keep what they carry, over the wire and back", () => {
  it("search space", () => {
    fc.assert(
      fc.property(space, (before) => {
        const bytes = common.SearchSpace.encode(spaceToProto(before)).finish();
        expect(spaceFromProto(common.SearchSpace.decode(bytes))).toEqual(before);
      }),
    );
  });

  it("dimension", () => {
    fc.assert(
      fc.property(dimension, (before) => {
        const bytes = surrogate.Dimension.encode(dimensionToProto(before)).finish();
        expect(dimensionFromProto(surrogate.Dimension.decode(bytes))).toEqual(before);
      }),
    );
  });

  it("point", () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), (before) => {
        expect(pointFromProto(pointToProto(before))).toEqual({ ...before });
      }),
    );
  });

  it("matrix, NaN and signed zero included", () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.integer({ min: 1, max: 3 }), (values, columns) => {
        const rows = Math.floor(values.length / columns);
        const before = { rows, columns, data: Float64Array.from(values.slice(0, rows * columns)) };
        const bytes = common.Matrix.encode(matrixToProto(before)).finish();
        expect(matrixFromProto(common.Matrix.decode(bytes))).toStrictEqual(before);
      }),
    );
  });

  it("joint Gaussian", () => {
    const before = {
      anchorMean: Float64Array.of(1, 2),
      anchorCovariance: { rows: 2, columns: 2, data: Float64Array.of(1, 0.5, 0.5, 2) },
      anchorNoise: Float64Array.of(0.1, 0.2),
      mean: Float64Array.of(3),
      variance: Float64Array.of(4),
      noise: Float64Array.of(5),
      cross: { rows: 2, columns: 1, data: Float64Array.of(6, 7) },
    };
    const bytes = surrogate.PosteriorSample.encode(gaussianToProto(before)).finish();
    expect(gaussianFromProto(surrogate.PosteriorSample.decode(bytes))).toStrictEqual(before);
  });
});

describe("what a message lacks", () => {
  it("becomes a value that validation refuses", () => {
    const message = common.SearchSpace.fromPartial({ parameters: [{ name: "a" }, { name: "b", fidelity: {} }] });
    const [a, b] = spaceFromProto(message).parameters;
    expect(a!.domain).toEqual({ kind: "fixed", value: Number.NaN });
    expect(b!.fidelity!.target).toBeNaN();
  });

  it("is refused where shapes disagree, with the numbers", () => {
    expect(() => matrixFromProto({ rows: 2, columns: 2, data: Buffer.alloc(24) })).toThrow(/2 × 2 .* 32 bytes.* 24/);
    expect(() => vectorFromProto({ rows: 1, columns: 2, data: Buffer.alloc(16) })).toThrow(/1 column/);
    const sample = surrogate.PosteriorSample.fromPartial({
      anchorMean: vectorToProto(Float64Array.of(1, 2)),
      anchorCovariance: vectorToProto(Float64Array.of(1, 2)),
    });
    expect(() => gaussianFromProto(sample)).toThrow(/anchor_covariance must hold 4 values/);
  });
});
