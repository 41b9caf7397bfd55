import { common, matrixToProto, surrogate, vectorToProto } from "@superbatch/contracts";
import { matrixFromRows } from "@superbatch/linalg";
import { RpcError } from "@superbatch/rpc";
import { BadRequest } from "nice-grpc-error-details";
import { describe, expect, it } from "vitest";
import { readFitRequest, readPosteriorRequest } from "./read-request.ts";

const { FidelityBasis, FidelityEffect, FidelityKernel, Inference } = common;
const { FitRequest, Output, PosteriorRequest } = surrogate;
type Fit = Parameters<typeof FitRequest.fromPartial>[0];
const limits = { maxObservations: 100, samples: 7 };

function read(request: Fit) {
  const { x, y, cost } = { x: [[1, 0.5, 0.2]], y: [1], cost: [2] };
  const dimensions: Fit["dimensions"] = [
    { name: "kind", kind: { $case: "categorical", value: { categories: 2 } } },
    { name: "rate", kind: { $case: "numeric", value: {} }, condition: { parent: 0, values: [1] } },
    { name: "B", kind: { $case: "fidelity", value: {} } },
  ];
  const defaults: Fit = {
    dimensions,
    x: matrixToProto(matrixFromRows(x)),
    y: vectorToProto(Float64Array.from(y)),
    cost: vectorToProto(Float64Array.from(cost)),
  };
  return readFitRequest(FitRequest.fromPartial({ ...defaults, ...request }), limits);
}

function violations(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    const details = error instanceof RpcError ? error.extra : [];
    const badRequest = details.find((detail): detail is BadRequest => detail.$type === BadRequest.$type);
    return (badRequest?.fieldViolations ?? []).map(({ field, description }) => `${field}: ${description}`);
  }
  return [];
}

const points = (...rows: number[][]): Fit => ({
  x: matrixToProto(matrixFromRows(rows)),
  y: vectorToProto(new Float64Array(rows.length)),
  cost: vectorToProto(new Float64Array(rows.length).fill(1)),
});

describe("readFitRequest", () => {
  it("takes defaults", () => {
    expect(read({})).toMatchObject({ inference: "mcmc", samples: 7, seed: 0, inferFrom: 1 });
    expect(read({ samples: 3 }).samples).toBe(3);
    expect(read({ inference: Inference.MAP, samples: 50 })).toMatchObject({ inference: "map", samples: 1 });
  });

  it("takes what the Gaussian process assumes, defaults left out", () => {
    const assumed = (gaussianProcess: Fit["gaussianProcess"]) => read({ gaussianProcess }).gaussianProcess;
    expect(assumed(undefined)).toEqual({});
    expect(assumed({ fidelityKernel: FidelityKernel.TASK_AND_DISTANCE })).toEqual({});
    expect(assumed({ fidelityNoise: true, inputWarping: true, fidelityKernel: FidelityKernel.DISTANCE })).toEqual({
      fidelityNoise: true,
      inputWarping: true,
      fidelityKernel: "distance",
    });
    expect(violations(() => assumed({ fidelityKernel: FidelityKernel.UNRECOGNIZED }))).toEqual([
      "gaussian_process.fidelity_kernel: must be FIDELITY_KERNEL_TASK_AND_DISTANCE, FIDELITY_KERNEL_TASK or FIDELITY_KERNEL_DISTANCE",
    ]);
  });

  it("takes what is believed of a fidelity, the default left out", () => {
    const believed = (effect: common.FidelityEffect) =>
      read({ dimensions: [{ name: "B", kind: { $case: "fidelity", value: { effect } } }], ...points([0.5]) })
        .dimensions;
    const open = { name: "B", kind: "fidelity", basis: "fabolas" };
    expect(believed(FidelityEffect.SMALL)).toEqual([{ ...open, effect: "small" }]);
    expect(believed(FidelityEffect.OPEN)).toEqual([open]);
  });

  it("takes no observations at all", () => {
    expect(read({ x: undefined, y: undefined, cost: undefined }).x).toMatchObject({ rows: 0, columns: 3 });
  });

  it("wants NaN exactly in inactive columns", () => {
    expect(violations(() => read(points([0, Number.NaN, 0.2], [1, 0.1, 0])))).toEqual([]);
    expect(violations(() => read(points([0, 0.5, 0.2])))).toEqual([
      "x.data[1]: row 0, column 1 (rate): must be NaN where the column is inactive, not 0.5",
    ]);
    expect(violations(() => read(points([1, 0.5, 1], [1, Number.NaN, Number.POSITIVE_INFINITY])))).toEqual([
      "x.data[4]: row 1, column 1 (rate): must be finite, not NaN",
      "x.data[5]: row 1, column 2 (B): must be finite, not Infinity",
    ]);
  });

  it("names each value of y and cost that is not finite, too large or no cost", () => {
    const three = points([1, 0.5, 0], [1, 0.5, 0], [1, 0.5, 0]);
    const vector = (...values: number[]) => vectorToProto(Float64Array.from(values));
    expect(
      violations(() => read({ ...three, y: vector(Number.NaN, 1, -1e200), cost: vector(1, 0, Infinity) })),
    ).toEqual([
      "y.data[0]: must be from -1e+150 to 1e+150, not NaN",
      "y.data[2]: must be from -1e+150 to 1e+150, not -1e+200",
      "cost.data[1]: must be above 0 and at most 1e+150, not 0",
      "cost.data[2]: must be above 0 and at most 1e+150, not Infinity",
    ]);
  });

  it("infers from all, or from as many of the first as asked", () => {
    const two = points([1, 0.5, 0], [1, 0.5, 1]);
    expect(read(two).inferFrom).toBe(2);
    expect(read({ ...two, inferFrom: 1 }).inferFrom).toBe(1);
    expect(violations(() => read({ ...two, inferFrom: 3 }))).toEqual([
      "infer_from: must be at most 2, the rows of x, not 3",
    ]);
  });

  it("wants indices of categories", () => {
    for (const value of [2, -1, 0.5]) {
      expect(violations(() => read(points([value, Number.NaN, 0])))[0]).toContain(
        "must be a category's index from 0 to 1",
      );
    }
  });

  it("wants scaled numbers", () => {
    expect(violations(() => read(points([1, -999, 0], [1, 2, 1])))).toEqual([]);
    expect(violations(() => read(points([1, 0.5, 50_000])))[0]).toContain("column 2 (B): must be scaled to [0, 1]");
  });

  it("reports a few values only", () => {
    const bad = Array.from({ length: 50 }, () => [0, Number.NaN, Number.NaN]);
    expect(violations(() => read(points(...bad)))).toHaveLength(10);
  });

  it.each<[string, NonNullable<Fit["dimensions"]>[number], string]>([
    [
      "one category",
      { kind: { $case: "categorical", value: { categories: 1 } } },
      "dimensions[0].categorical.categories",
    ],
    ["one level", { kind: { $case: "numeric", value: { levels: 1 } } }, "dimensions[0].numeric.levels"],
    [
      "an unknown basis",
      { kind: { $case: "fidelity", value: { basis: FidelityBasis.UNRECOGNIZED } } },
      "dimensions[0].fidelity.basis",
    ],
    [
      "an unknown effect",
      { kind: { $case: "fidelity", value: { effect: FidelityEffect.UNRECOGNIZED } } },
      "dimensions[0].fidelity.effect",
    ],
    [
      "a conditional fidelity",
      { kind: { $case: "fidelity", value: {} }, condition: { parent: 1, values: [1] } },
      "dimensions[0].condition",
    ],
    [
      "itself as parent",
      { kind: { $case: "numeric", value: {} }, condition: { parent: 0, values: [1] } },
      "dimensions[0].condition.parent",
    ],
    [
      "a parent that is not there",
      { kind: { $case: "numeric", value: {} }, condition: { parent: 2, values: [1] } },
      "dimensions[0].condition.parent",
    ],
    [
      "a condition without values",
      { kind: { $case: "numeric", value: {} }, condition: { parent: 1 } },
      "dimensions[0].condition.values",
    ],
  ])("refuses a column with %s", (_, column, path) => {
    const other = { name: "b", kind: { $case: "numeric", value: {} } } as const;
    const found = violations(() => read({ dimensions: [column, other], ...points([0.5, 0.5]) }));
    expect(found.map((violation) => violation.split(": ")[0])).toContain(path);
  });

  it("refuses columns that depend on each other", () => {
    const kind = { $case: "numeric", value: {} } as const;
    const column = (parent: number) => ({ kind, condition: { parent, values: [1] } });
    const found = violations(() => read({ dimensions: [column(1), column(0)], ...points([1, 1]) }));
    expect(found).toContain("dimensions[0].condition.parent: must not depend on this column itself");
  });

  it("refuses more observations than the limit", () => {
    const many = points(...Array.from({ length: 101 }, () => [1, 0.5, 0.5]));
    expect(() => read(many)).toThrow("Observations are more than this service takes: 101, at most 100");
  });
});

describe("readPosteriorRequest", () => {
  it("refuses more points than the contract allows", () => {
    const anchors = { rows: 1001, columns: 1, data: Buffer.alloc(8008) };
    const many = { rows: 100_001, columns: 1, data: Buffer.alloc(800_008) };
    const request = PosteriorRequest.fromPartial({ output: Output.OBJECTIVE, anchors, points: many });
    expect(violations(() => readPosteriorRequest(request, [{ name: "a", kind: "numeric" }]))).toEqual([
      "anchors: must have at most 1000 rows, not 1001",
      "points: must have at most 100000 rows, not 100001",
    ]);
  });
});
