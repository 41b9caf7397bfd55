import { common, surrogate as contract, matrixToProto, vectorToProto } from "@superbatch/contracts";
import { surrogateContract } from "@superbatch/contracts/testing";
import { matrixFromRows } from "@superbatch/linalg";
import { startTestService, type TestService } from "@superbatch/rpc/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ModelName, modelKinds, modelNames } from "./domain/models/kinds.ts";
import { createSurrogate } from "./domain/surrogate.ts";
import { createSurrogateService } from "./service.ts";

function start(modelKind: ModelName, samples: number): Promise<TestService> {
  const surrogate = createSurrogate({ modelKind, threads: 2, cacheBytes: 64 * 2 ** 20, onThreadLost: () => {} });
  const options = { version: "test", maxObservations: 5000, samples, maxMessageBytes: 64 * 2 ** 20 };
  const entry = createSurrogateService({ surrogate, model: modelKinds[modelKind], ...options });
  return startTestService([entry], { onStop: () => surrogate.close() });
}

type Fit = Parameters<contract.SurrogateServiceClient["fit"]>[0];

function request(rows: number[][], y: number[]): Fit {
  return {
    dimensions: [{ name: "a", kind: { $case: "numeric", value: {} } }],
    x: matrixToProto(matrixFromRows(rows)),
    y: vectorToProto(Float64Array.from(y)),
    cost: vectorToProto(new Float64Array(y.length).fill(2)),
  };
}

const line = (n: number) => Array.from({ length: n }, (_, i) => (i + 0.5) / n);
const smooth = (n: number) =>
  request(
    line(n).map((a) => [a]),
    line(n).map((a) => Math.sin(6 * a)),
  );

describe.each(modelNames)("surrogate service with %s", (modelKind) => {
  let service: TestService;
  surrogateContract(async () => {
    service = await start(modelKind, modelKinds[modelKind].choosesSamples ? 5 : 0);
    return service.address;
  });
  afterAll(() => service.stop());
});

describe.each(modelNames)("samples of %s", (modelKind) => {
  it("are as many as Describe says where nobody chooses", async () => {
    const service = await start(modelKind, 0);
    const client = service.client(contract.SurrogateServiceDefinition);
    const { defaultSamples } = await client.describe({});
    expect((await client.fit(smooth(6))).samples).toBe(defaultSamples);
    await service.stop();
  });
});

describe("diagnostics of an exact-gp", () => {
  let service: TestService;
  let client: ReturnType<TestService["client"]> & contract.SurrogateServiceClient;
  beforeAll(async () => {
    service = await start("exact-gp", 3);
    client = service.client(contract.SurrogateServiceDefinition) as typeof client;
  });
  afterAll(() => service.stop());

  it("have leave-one-out predictions only where they are asked for, and of the same model", async () => {
    const plain = await client.fit(smooth(12));
    const asked = await client.fit({ ...smooth(12), leaveOneOut: true });
    expect([asked.model, asked.cached]).toEqual([plain.model, true]);
    for (const { leaveOneOutLogDensity, leaveOneOutCoverage } of [plain.objective!, plain.logCost!]) {
      expect([leaveOneOutLogDensity, leaveOneOutCoverage]).toEqual([undefined, undefined]);
    }
    expect(asked.objective!.leaveOneOutLogDensity).toBeGreaterThan(0);
    expect(asked.objective!.leaveOneOutCoverage).toBeGreaterThan(0.8);
    expect(asked.logCost!.leaveOneOutCoverage).toBe(1);
    expect((await client.fit({ ...smooth(2), leaveOneOut: true })).objective!.leaveOneOutCoverage).toBeUndefined();
  });

  it("say the jitter that a matrix needed, and none where it needed none", async () => {
    // From values that repeat exactly almost no noise is inferred: one more of them adds no more than round-off.
    const places = Array.from({ length: 21 }, (_, i) => (i % 2) / 2 + 0.25);
    const repeated = request(
      places.map((a) => [a]),
      places.map((a) => 100 * a),
    );
    const map = { inference: common.Inference.MAP };
    const { objective, appended } = await client.fit({ ...repeated, ...map, inferFrom: 20 });
    expect(appended).toBe(true);
    expect(objective!.jitter).toBeGreaterThan(1e-13);
    expect(objective!.jitter).toBeLessThan(1e-9);
    const { noise, amplitude } = objective!.hyperparameters;
    expect(noise! / amplitude!).toBeLessThan(1e-12);
    expect((await client.fit({ ...smooth(12), ...map })).objective!.jitter).toBe(0);
  });
});
