import { common, gaussianFromProto, surrogate } from "@superbatch/contracts";
import { Status, statusOf } from "@superbatch/rpc";
import { startTestService, type TestService } from "@superbatch/rpc/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { modelKinds } from "./domain/models/kinds.ts";
import { createSurrogate } from "./domain/surrogate.ts";
import { createSurrogateService } from "./service.ts";

const { FidelityEffect, FidelityKernel, Inference } = common;
const { Output, SurrogateServiceDefinition } = surrogate;
let service: TestService;
let client: ReturnType<TestService["client"]> & surrogate.SurrogateServiceClient;

beforeAll(async () => {
  const models = createSurrogate({ threads: 2, cacheBytes: 2 ** 20, onThreadLost: () => {} });
  const options = { version: "test", maxObservations: 20, samples: 2, maxMessageBytes: 2 ** 20 };
  service = await startTestService(
    [createSurrogateService({ surrogate: models, model: modelKinds["exact-gp"], ...options })],
    {
      onStop: () => models.close(),
    },
  );
  client = service.client(SurrogateServiceDefinition, { retry: { calls: "none" } }) as typeof client;
});
afterAll(() => service.stop());

const uint32 = fc.oneof(fc.nat(4), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1));
const oddDouble = fc.constantFrom(0, 1, 2, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 1e308, -1e308);
const number = fc.oneof(
  { weight: 20, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: oddDouble },
);

/** Mostly a matrix of the right shape. */
function matrix(rows: number, columns: number, value: fc.Arbitrary<number>) {
  const right = fc.array(value, { minLength: rows * columns, maxLength: rows * columns }).map((values) => ({
    rows,
    columns,
    data: Buffer.from(Float64Array.from(values).buffer),
  }));
  const wrong = fc.record({ rows: uint32, columns: uint32, data: fc.uint8Array().map((bytes) => Buffer.from(bytes)) });
  return fc.oneof({ weight: 20, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

const kind = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ $case: "numeric", value: { levels: 0 } } as const) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...Object.values(FidelityEffect))
      .map((effect) => ({ $case: "fidelity", value: { levels: 0, effect } }) as const),
  },
  uint32.map((categories) => ({ $case: "categorical", value: { categories } }) as const),
  uint32.map((levels) => ({ $case: "numeric", value: { levels } }) as const),
);
const condition = fc.record({ parent: uint32, values: fc.array(number, { maxLength: 2 }) });
const dimension = fc
  .record({ name: fc.string({ maxLength: 3 }), kind, condition }, { requiredKeys: ["name", "kind"] })
  .map(({ condition, ...column }) => (condition && condition.parent % 3 === 0 ? { ...column, condition } : column));

const request = fc.array(dimension, { minLength: 0, maxLength: 3 }).chain((dimensions) =>
  fc.nat(5).chain((n) =>
    fc.record({
      dimensions: fc.constant(dimensions),
      x: matrix(n, dimensions.length, number),
      y: matrix(n, 1, fc.oneof({ weight: 9, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) }, number)),
      cost: matrix(n, 1, fc.double({ min: 1e-300, max: 1e300, noNaN: true })),
      inference: fc.constantFrom(...Object.values(Inference)),
      gaussianProcess: fc.option(
        fc.record({
          fidelityNoise: fc.boolean(),
          inputWarping: fc.boolean(),
          fidelityKernel: fc.oneof(
            { weight: 9, arbitrary: fc.constantFrom(FidelityKernel.TASK, FidelityKernel.DISTANCE) },
            fc.constant(FidelityKernel.UNRECOGNIZED),
          ),
        }),
        { nil: undefined },
      ),
      samples: fc.oneof({ weight: 9, arbitrary: fc.nat(3) }, uint32),
      seed: fc.maxSafeNat(),
      inferFrom: fc.oneof({ weight: 9, arbitrary: fc.nat(n) }, uint32),
      leaveOneOut: fc.boolean(),
    }),
  ),
);

it("never fails of itself and never says what is not a number, whatever it is sent", async () => {
  const outcomes = new Map<Status | undefined, number>();
  const count = (status: Status | undefined) => outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
  const run = async (call: Promise<unknown>) => {
    const status = await call.then(() => Status.OK, statusOf);
    count(status);
    expect([Status.OK, Status.INVALID_ARGUMENT, Status.NOT_FOUND, Status.RESOURCE_EXHAUSTED]).toContain(status);
  };
  await fc.assert(
    fc.asyncProperty(request, fc.constantFrom(...Object.values(Output)), async (fit, output) => {
      const fitted = client.fit(fit);
      await run(fitted);
      const model = await fitted.then((answer) => answer.model).catch(() => "no-such-model");
      const posterior = client.posterior({ model, output, anchors: fit.x, points: fit.x });
      await run(posterior);
      const { samples } = await posterior.catch(() => ({ samples: [] }));
      for (const sample of samples.map(gaussianFromProto)) {
        const { anchorMean, anchorCovariance, anchorNoise, mean, variance, noise, cross } = sample;
        for (const values of [anchorMean, anchorCovariance.data, anchorNoise, mean, variance, noise, cross.data]) {
          expect(values.every(Number.isFinite)).toBe(true);
        }
        for (const values of [anchorNoise, variance, noise]) expect(values.every((value) => value >= 0)).toBe(true);
      }
    }),
    { numRuns: 200, seed: 7, endOnFailure: true },
  );
  // The requests are neither all good nor all bad.
  expect(outcomes.get(Status.OK)).toBeGreaterThan(10);
  expect(outcomes.get(Status.INVALID_ARGUMENT)).toBeGreaterThan(10);
});
