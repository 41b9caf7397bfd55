import { optimizer, pointFromProto } from "@superbatch/contracts";
import { type ClientHandle, createClient, fieldViolations, Status } from "@superbatch/rpc";
import { type SpawnedService, spawnService } from "@superbatch/rpc/testing";
import {
  HealthCheckResponse_ServingStatus,
  HealthDefinition,
} from "nice-grpc-server-health/lib/proto/grpc/health/v1/health.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const main = (service: string) => new URL(`../../../services/${service}/src/main.ts`, import.meta.url);

const services: SpawnedService[] = [];
let optimizerAddress: string;
let handle: ClientHandle<typeof optimizer.OptimizerServiceDefinition> | undefined;

async function start(service: string, flags: string[]): Promise<string> {
  const started = await spawnService(main(service), { flags });
  services.push(started);
  return started.address;
}

beforeAll(async () => {
  const [own, forest] = await Promise.all([
    start("surrogate-model", ["--threads", "1", "--samples", "2"]),
    start("surrogate-model", ["--threads", "1", "--model", "random-forest"]),
  ]);
  const surrogates = `forest=${forest},gone=127.0.0.1:1`;
  const flags = ["--store", "sqlite::memory:", "--surrogate-address", own, "--surrogates", surrogates];
  optimizerAddress = await start("optimizer", flags);
  handle = createClient(optimizer.OptimizerServiceDefinition, optimizerAddress);
}, 300_000);
afterAll(async () => {
  handle?.close();
  await Promise.all(services.map((service) => service.end("SIGKILL")));
});

type Kind = "expectedImprovement" | "maxValueEntropy" | "knowledgeGradient";

function createStudy(studyId: string, model: Partial<optimizer.ModelOptions>, kind: Kind = "expectedImprovement") {
  const space = {
    parameters: [{ name: "a", domain: { $case: "float", value: { min: 0, max: 1 } } as const }],
  };
  const algorithm = { kind: { $case: kind, value: { model: { initialPoints: 3, ...model } } } };
  const spec = { space, objective: { metric: "error" }, algorithm, budget: { maxTrials: 5 }, seed: 1 };
  return handle!.client.createStudy({ studyId, study: { spec } });
}

/** Completes the study's trials. @returns the explanation of the last one. */
async function work(...asked: Parameters<typeof createStudy>): Promise<optimizer.Explanation> {
  const { study } = await createStudy(...asked);
  let explanation: optimizer.Explanation | undefined;
  for (let i = 0; i < 5; i++) {
    const { leases } = await handle!.client.leaseTrials({ study: study!.name, worker: "test", waitSeconds: 50 });
    const { trial, leaseId } = leases[0]!;
    explanation = trial!.explanation;
    const value = (Number(pointFromProto(trial!.parameters).a) - 0.3) ** 2;
    const measurement = { value, cost: { total: 1 + value } };
    await handle!.client.completeTrial({ trial: trial!.name, leaseId, measurement });
  }
  return explanation!;
}

describe("a study's surrogate", { timeout: 300_000 }, () => {
  it("is the optimizer's own where the study names none", async () => {
    expect(await work("own", {})).toMatchObject({
      origin: optimizer.Origin.MODEL,
      surrogate: "",
      surrogateFailure: "",
    });
  });

  it("is chosen by name", async () => {
    expect(await work("forest", { surrogate: "forest" })).toMatchObject({
      origin: optimizer.Origin.MODEL,
      surrogate: "forest",
      surrogateFailure: "",
    });
  });

  it.each([
    ["maxValueEntropy", "max-value-entropy-per-cost"],
    ["knowledgeGradient", "knowledge-gradient-per-cost"],
  ] as const)("serves %s", async (kind, acquisition) => {
    const explanation = await work(acquisition, { surrogate: "forest" }, kind);
    expect(explanation).toMatchObject({ origin: optimizer.Origin.MODEL, surrogate: "forest", surrogateFailure: "" });
    expect(explanation.note).toContain(acquisition);
  });

  it("is replaced when it does not answer, and the trial says so", async () => {
    const explanation = await work("gone", { surrogate: "gone", fallbackSurrogate: "forest", surrogateSeconds: 2 });
    expect(explanation).toMatchObject({
      origin: optimizer.Origin.MODEL,
      surrogate: "forest",
      surrogateFailure: expect.stringMatching(/^gone: /),
    });
  });

  it("has a health of its own at the optimizer, which is ready without it", async () => {
    const { client, close } = createClient(HealthDefinition, optimizerAddress);
    try {
      const stateOf = async (service: string) => (await client.check({ service })).status;
      const { SERVING, NOT_SERVING } = HealthCheckResponse_ServingStatus;
      await vi.waitFor(async () => expect(await stateOf("surrogate/forest")).toBe(SERVING), { timeout: 30_000 });
      await vi.waitFor(async () => expect(await stateOf("surrogate")).toBe(SERVING), { timeout: 30_000 });
      expect(await stateOf("surrogate/gone")).toBe(NOT_SERVING);
      expect(await stateOf("readiness")).toBe(SERVING);
      await expect(stateOf("surrogate/unknown")).rejects.toMatchObject({ code: Status.NOT_FOUND });
    } finally {
      close();
    }
  });

  it("must be known when the study is created", async () => {
    const error = await createStudy("unknown", { surrogate: "tree", surrogateSeconds: -1 }).catch(
      (reason: unknown) => reason,
    );
    const model = "study.spec.algorithm.expected_improvement.model";
    expect(
      fieldViolations(error)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([`${model}.surrogate`, `${model}.surrogate_seconds`]);
  });
});
