import { trainer as contract, pointToProto } from "@superbatch/contracts";
import { createClient, createService, fieldViolations, loadConfig, reasonOf } from "@superbatch/rpc";
import { openBackend, type ParameterValues } from "@superbatch/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { config } from "./config.ts";
import { quick, registryOf, silent, slotOf } from "./domain/testing.ts";
import { trainerService } from "./service.ts";

const registry = registryOf();
const slot = slotOf(registry);
let service: ReturnType<typeof createService>;
let handle: ReturnType<typeof createClient<typeof contract.TrainerServiceDefinition>>;

beforeAll(async () => {
  const backend = await openBackend("wasm");
  service = createService({
    name: "trainer",
    config: loadConfig(config, { argv: ["--listen", "127.0.0.1:0"] }),
    logger: silent,
    entries: [trainerService({ worker: "w1", backend, registry, slot, currentTrial: () => "" })],
  });
  await service.start();
  handle = createClient(contract.TrainerServiceDefinition, service.address, { retry: { attempts: 1 } });
});
afterAll(async () => {
  handle.close();
  await service.stop();
});

const train = (values: ParameterValues, options = {}) =>
  handle.client.train({ parameters: pointToProto(values), seed: 3 }, options);

describe("Describe", () => {
  it("names the backend in use, the data sets and the parameters", async () => {
    const described = await handle.client.describe({});
    expect(described.worker).toBe("w1");
    expect(described.backends.filter(({ selected }) => selected)).toMatchObject([{ name: "wasm", available: true }]);
    expect(described.datasets.find(({ name }) => name === "digits")).toMatchObject({
      available: true,
      trainingExamples: 1078,
      classes: 10,
    });
    expect(described.datasets.find(({ name }) => name === "cifar10")).toMatchObject({
      available: false,
      trainingExamples: 0,
    });
    const names = described.parameters.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["dataset", "workload", "architecture", "learning_rate", "super_batch"]),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("Train", () => {
  it("streams the learning curve and then the result", async () => {
    const events: NonNullable<contract.TrainResponse["event"]>[] = [];
    for await (const { event } of train({ ...quick, epochs: 2 })) events.push(event!);
    expect(events.map(({ $case }) => $case)).toEqual(["progress", "progress", "result"]);
    const { metrics, cost, diverged } = events[2].value as contract.TrainResult;
    expect(metrics.validation_error).toBeGreaterThan(0);
    expect(cost!.total).toBeGreaterThan(0);
    expect(diverged).toBe(false);
  });

  it("tells of a run that diverged what it had reached before", async () => {
    const events = await collect(train({ ...quick, epochs: 50, learning_rate: 60, evaluation_epochs: 0.02 }));
    const result = events.at(-1)!.event!.value as contract.TrainResult;
    const last = events.at(-2)!.event!.value as contract.TrainProgress;
    expect(result.diverged).toBe(true);
    expect(result.metrics.validation_loss).toBe(last.metrics.validation_loss);
    expect(result.metrics.validation_error).toBe(last.metrics.validation_error);
  });

  it("refuses wrong parameters with their paths", async () => {
    const error = await collect(train({ ...quick, momentum: 1, epohcs: 2 })).catch((e: unknown) => e);
    expect(reasonOf(error)).toBe("INVALID_FIELDS");
    expect(fieldViolations(error).map(({ path }) => path)).toEqual(['parameters["momentum"]', 'parameters["epohcs"]']);
  });

  it("says where data are missing", async () => {
    const error = await collect(train({ ...quick, dataset: "cifar10" })).catch((e: unknown) => e);
    expect(reasonOf(error)).toBe("DATASET_UNAVAILABLE");
  });

  it("trains one configuration at a time, and stops when the caller leaves", async () => {
    const cancel = new AbortController();
    const first = train({ ...quick, epochs: 100_000 }, { signal: cancel.signal })[Symbol.asyncIterator]();
    await first.next();
    expect(slot.busy).toBe(true);
    expect(reasonOf(await collect(train(quick)).catch((e: unknown) => e))).toBe("TRAINER_BUSY");
    cancel.abort();
    await first.next().catch(() => {});
    await slot.idle();
    expect(slot.busy).toBe(false);
  });
});

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}
