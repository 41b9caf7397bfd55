import { cholesky, type JointGaussian, type Matrix, matrixFromRows } from "@superbatch/linalg";
import { type Channel, createChannel, createClientFactory } from "nice-grpc";
import { ClientError, Status } from "nice-grpc-common";
import { BadRequest, ErrorInfo, errorDetailsClientMiddleware, RichClientError } from "nice-grpc-error-details";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gaussianFromProto, matrixToProto, vectorToProto } from "../convert/matrix.ts";
import {
  Inference,
  Output,
  type SurrogateServiceClient,
  SurrogateServiceDefinition,
} from "../generated/superbatch/surrogate/v1/surrogate_service.ts";

type FitRequest = Parameters<SurrogateServiceClient["fit"]>[0];

const columns: NonNullable<FitRequest["dimensions"]> = [
  { name: "a", kind: { $case: "numeric", value: { levels: 0 } } },
  { name: "B", kind: { $case: "fidelity", value: { levels: 0 } } },
];

/** A smooth function with two columns, and a cost that grows with the second: quasi-random points, so that nothing is random. */
function smoothData(n: number): { x: Matrix; y: Float64Array; cost: Float64Array } {
  const fraction = (value: number) => value - Math.floor(value);
  const rows = Array.from({ length: n }, (_, i) => [fraction(0.5 + i * 0.7548776662), fraction(0.5 + i * 0.569840291)]);
  return {
    x: matrixFromRows(rows),
    y: Float64Array.from(rows, ([a, s]) => 100 + 10 * Math.sin(4 * a!) + 2 * (1 - s!) ** 2),
    cost: Float64Array.from(rows, ([, s]) => Math.exp(1 + 2 * s!)),
  };
}

function fitRequest(n: number, changes: FitRequest = {}): FitRequest {
  const { x, y, cost } = smoothData(n);
  const data = { x: matrixToProto(x), y: vectorToProto(y), cost: vectorToProto(cost) };
  return { dimensions: columns, ...data, inference: Inference.MAP, seed: 7, ...changes };
}

function fieldsOf(error: unknown): string[] {
  const details = error instanceof RichClientError ? error.extra : [];
  const badRequest = details.find((detail): detail is BadRequest => detail.$type === BadRequest.$type);
  return (badRequest?.fieldViolations ?? []).map(({ field }) => field);
}

function reasonOf(error: unknown): string | undefined {
  const details = error instanceof RichClientError ? error.extra : [];
  return details.find((detail): detail is ErrorInfo => detail.$type === ErrorInfo.$type)?.reason;
}

async function caught(call: Promise<unknown>): Promise<ClientError> {
  const error = await call.then(() => undefined).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ClientError);
  return error as ClientError;
}

const probes = matrixFromRows([
  [0.1, 1],
  [0.4, 1],
  [0.45, 0.2],
  [0.9, 0.6],
]);
const nothing: Matrix = { rows: 0, columns: 2, data: new Float64Array(0) };

/**
 * What any surrogate server must do, in whatever language: registers the tests with vitest. Ours runs it; whoever swaps in another runs it
 * against theirs.
 *
 * @param address - HOST:PORT of a running server, without TLS; asked for once, before the tests.
 */
export function surrogateContract(address: () => string | Promise<string>): void {
  let channel: Channel;
  let client: SurrogateServiceClient;
  beforeAll(async () => {
    channel = createChannel(await address());
    const factory = createClientFactory().use(errorDetailsClientMiddleware);
    client = factory.create(SurrogateServiceDefinition, channel) as SurrogateServiceClient;
  });
  afterAll(() => channel.close());

  async function posterior(model: string, output: Output, anchors: Matrix, points: Matrix): Promise<JointGaussian[]> {
    const request = { model, output, anchors: matrixToProto(anchors), points: matrixToProto(points) };
    return (await client.posterior(request)).samples.map(gaussianFromProto);
  }

  function expectValid(sample: JointGaussian, r: number, q: number): void {
    expect([sample.anchorMean.length, sample.mean.length]).toEqual([r, q]);
    const { anchorCovariance, cross, anchorMean, anchorNoise, mean, variance, noise } = sample;
    for (const values of [anchorMean, anchorCovariance.data, anchorNoise, mean, variance, noise, cross.data]) {
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect([...anchorNoise, ...variance, ...noise].every((value) => value >= 0)).toBe(true);
    let trace = 0;
    for (let i = 0; i < r; i++) {
      trace += anchorCovariance.data[i * r + i]!;
      for (let j = 0; j < i; j++) {
        expect(anchorCovariance.data[i * r + j]).toBe(anchorCovariance.data[j * r + i]);
      }
    }
    if (trace > 0) expect(cholesky(anchorCovariance).jitter).toBeLessThanOrEqual((1e-6 * trace) / r);
    for (let i = 0; i < r; i++) {
      for (let j = 0; j < q; j++) {
        const bound = Math.sqrt(anchorCovariance.data[i * r + i]! * variance[j]!);
        expect(Math.abs(cross.data[i * q + j]!)).toBeLessThanOrEqual(bound + 1e-6 * (trace / r) + 1e-12);
      }
    }
  }

  /** Both outputs of a fit at the probes, checked. */
  async function fitAndProbe(request: FitRequest, at: Matrix = probes): Promise<JointGaussian[][]> {
    const { model, samples } = await client.fit(request);
    const results: JointGaussian[][] = [];
    for (const output of [Output.OBJECTIVE, Output.LOG_COST]) {
      const gaussians = await posterior(model, output, at, at);
      if (output === Output.OBJECTIVE) expect(gaussians).toHaveLength(samples);
      expect(gaussians.length).toBeGreaterThan(0);
      for (const sample of gaussians) expectValid(sample, at.rows, at.rows);
      results.push(gaussians);
    }
    return results;
  }

  const average = (samples: readonly JointGaussian[], i: number) =>
    samples.reduce((sum, { mean }) => sum + mean[i]! / samples.length, 0);

  describe("Describe", () => {
    it("says what the surrogate is", async () => {
      const { name, defaultSamples } = await client.describe({});
      expect(name).not.toBe("");
      expect(defaultSamples).toBeGreaterThan(0);
    });
  });

  describe("Fit and Posterior", () => {
    it.each([Inference.MAP, Inference.MCMC])("give valid Gaussians (%s)", async (inference) => {
      await fitAndProbe(fitRequest(12, { inference, samples: 3 }));
    });

    it("say the same jointly and marginally", async () => {
      for (const samples of await fitAndProbe(fitRequest(12))) {
        for (const { anchorMean, anchorCovariance, anchorNoise, mean, variance, noise, cross } of samples) {
          const scale = Math.max(...variance, 1e-12);
          const diagonal = variance.map((_, i) => anchorCovariance.data[i * probes.rows + i]!);
          for (let i = 0; i < probes.rows; i++) {
            expect(mean[i]! - anchorMean[i]!).toBeCloseTo(0, 6);
            expect(noise[i]! - anchorNoise[i]!).toBeCloseTo(0, 9);
            expect((variance[i]! - diagonal[i]!) / scale).toBeCloseTo(0, 6);
          }
          for (const [i, value] of cross.data.entries()) {
            expect((value - anchorCovariance.data[i]!) / scale).toBeCloseTo(0, 6);
          }
        }
      }
    });

    it("learn a smooth objective and the logarithm of cost, in their own units", async () => {
      const { x, y, cost } = smoothData(30);
      const { model } = await client.fit(fitRequest(30));
      const objective = await posterior(model, Output.OBJECTIVE, nothing, x);
      const logCost = await posterior(model, Output.LOG_COST, nothing, x);
      for (let i = 0; i < x.rows; i++) {
        expect(Math.abs(average(objective, i) - y[i]!)).toBeLessThan(2);
        expect(Math.abs(average(logCost, i) - Math.log(cost[i]!))).toBeLessThan(0.3);
      }
    });

    it("answer without anchors and without points", async () => {
      const { model } = await client.fit(fitRequest(5));
      for (const sample of await posterior(model, Output.OBJECTIVE, probes, nothing)) expectValid(sample, 4, 0);
      for (const sample of await posterior(model, Output.OBJECTIVE, nothing, probes)) expectValid(sample, 0, 4);
    });

    it("are functions of the request: the same again after it was released", async () => {
      const request = fitRequest(10, { inference: Inference.MCMC, samples: 2, seed: 123 });
      const first = await fitAndProbe(request);
      await client.release({ model: (await client.fit(request)).model });
      const second = await fitAndProbe(request);
      for (const [o, samples] of first.entries()) {
        for (const [i, { mean, variance }] of samples.entries()) {
          expect(second[o]![i]!.mean).toEqual(mean);
          expect(second[o]![i]!.variance).toEqual(variance);
        }
      }
    });

    it("give the prior without observations", async () => {
      await fitAndProbe(fitRequest(0));
    });

    it("bear duplicated, constant, single, tiny and huge observations", async () => {
      const { x, cost } = smoothData(8);
      const same = { rows: 8, columns: 2, data: new Float64Array(16).fill(0.5) };
      const y = (value: (i: number) => number) => vectorToProto(Float64Array.from(cost, (_, i) => value(i)));
      await fitAndProbe(fitRequest(8, { x: matrixToProto(same) }));
      await fitAndProbe(fitRequest(8, { y: y(() => 3) }));
      await fitAndProbe(fitRequest(8, { x: matrixToProto(x), y: y((i) => 1e-9 * i) }));
      await fitAndProbe(fitRequest(8, { y: y((i) => 1e9 * i) }));
      await fitAndProbe(fitRequest(1));
    });

    it("bear categories and inactive columns", async () => {
      const dimensions: FitRequest["dimensions"] = [
        { name: "kind", kind: { $case: "categorical", value: { categories: 3 } } },
        { name: "rate", kind: { $case: "numeric", value: {} }, condition: { parent: 0, values: [1] } },
      ];
      const x = matrixFromRows([0, 1, 2, 1, 0, 1].map((kind, i) => [kind, kind === 1 ? i / 6 : Number.NaN]));
      await fitAndProbe(fitRequest(6, { dimensions, x: matrixToProto(x) }), x);
    });

    it("take in appended observations, and go on without a previous model that is gone", async () => {
      const { model } = await client.fit(fitRequest(14));
      const { x, y } = smoothData(15);
      const last = { rows: 1, columns: 2, data: x.data.slice(28) };
      for (const previousModel of [model, "no-such-model"]) {
        const appended = await client.fit(fitRequest(15, { previousModel, append: true }));
        const samples = await posterior(appended.model, Output.OBJECTIVE, nothing, last);
        expect(Math.abs(average(samples, 0) - y[14]!)).toBeLessThan(2);
      }
    });
  });

  describe("errors", () => {
    it("name every bad field at once, and change nothing", async () => {
      const y = vectorToProto(Float64Array.of(1, Number.NaN, 3));
      const cost = vectorToProto(Float64Array.of(1, 0, 2));
      const error = await caught(client.fit(fitRequest(3, { y, cost, samples: 1000 })));
      expect(error.code).toBe(Status.INVALID_ARGUMENT);
      expect([...new Set(fieldsOf(error))].sort()).toEqual(["cost", "samples", "y"]);
    });

    it.each<[string, FitRequest, string]>([
      ["no columns", { dimensions: [] }, "dimensions"],
      ["a column of no kind", { dimensions: [columns[0]!, { name: "B" }] }, "dimensions[1]"],
      ["a matrix whose data is too short", { x: { rows: 3, columns: 2, data: Buffer.alloc(8) } }, "x.data"],
      ["a matrix with another number of columns", { x: { rows: 3, columns: 3, data: Buffer.alloc(72) } }, "x"],
      ["a vector of another length", { y: vectorToProto(Float64Array.of(1, 2)) }, "y"],
      ["no cost", { cost: undefined }, "cost"],
    ])("refuse %s", async (_, changes, field) => {
      const error = await caught(client.fit(fitRequest(3, changes)));
      expect(error.code).toBe(Status.INVALID_ARGUMENT);
      expect(fieldsOf(error)).toContain(field);
    });

    it("say that a model is gone, so that the caller fits again", async () => {
      const { model } = await client.fit(fitRequest(4));
      await client.release({ model });
      await client.release({ model });
      for (const gone of [model, "no-such-model", ""]) {
        const error = await caught(posterior(gone, Output.OBJECTIVE, probes, nothing));
        expect([error.code, reasonOf(error)]).toEqual([Status.NOT_FOUND, "MODEL_NOT_FOUND"]);
      }
    });

    it("refuse points of other columns and no output", async () => {
      const { model } = await client.fit(fitRequest(4));
      const other = matrixFromRows([[0.5, 0.5, 0.5]]);
      expect(fieldsOf(await caught(posterior(model, Output.OBJECTIVE, other, nothing)))).toEqual(["anchors"]);
      expect(fieldsOf(await caught(posterior(model, Output.OBJECTIVE, nothing, other)))).toEqual(["points"]);
      expect(fieldsOf(await caught(posterior(model, Output.UNSPECIFIED, probes, nothing)))).toEqual(["output"]);
    });
  });

  describe("cancellation", () => {
    it("ends a long fit, and the server goes on", async () => {
      const controller = new AbortController();
      const long = fitRequest(150, { inference: Inference.MCMC, samples: 100, seed: 99 });
      const call = client.fit(long, { signal: controller.signal }).catch((error: unknown) => error);
      // Answered after the fit was received, since both travel on one connection in order.
      await client.describe({});
      controller.abort();
      expect(await call).toMatchObject({ name: "AbortError" });
      await fitAndProbe(fitRequest(4, { seed: 100 }));
    });
  });
}
