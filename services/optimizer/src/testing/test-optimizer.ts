import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { createLogger, type ServerConfig } from "@superbatch/rpc";
import { startTestService, type TestService } from "@superbatch/rpc/testing";
import type { SearchSpace } from "@superbatch/search-space";
import { openStore, type Store } from "@superbatch/store";
import type { Limits } from "../domain/limits.ts";
import { createOptimizer } from "../service.ts";
import { createFakeEngine, type FakeEngine } from "./fake-engine.ts";

export type OptimizerClient = ReturnType<typeof clientOf>;

const clientOf = (service: TestService) => service.client(optimizer.OptimizerServiceDefinition);

/** A real optimizer on a free port, with a clock that tests turn. */
export interface TestOptimizer extends AsyncDisposable {
  readonly client: OptimizerClient;
  readonly engine: FakeEngine;
  readonly store: Store;
  readonly service: TestService;
  /** Milliseconds since the epoch on the server's clock. */
  now: number;
  /** Stops it and starts it again over the same database. */
  restart(): Promise<void>;
}

export interface TestOptions {
  readonly limits?: Limits;
  readonly config?: Partial<ServerConfig>;
}

/** @param storeUrl - @default SQLite in a temporary folder */
export async function startTestOptimizer(storeUrl?: string, options: TestOptions = {}): Promise<TestOptimizer> {
  const folder = await mkdtemp(join(tmpdir(), "superbatch-optimizer-"));
  const url = storeUrl ?? `sqlite:${join(folder, "test.db")}`;
  const engine = createFakeEngine();
  let now = Date.UTC(2026, 0, 1);
  const clock = () => now;

  async function start() {
    const store = await openStore(url, { clock });
    const logger = createLogger({ name: "optimizer", level: "silent" });
    const composed = createOptimizer({ store, engine, logger, clock, ...options });
    const service = await startTestService([composed.entry], {
      config: options.config ?? {},
      onStart: () => composed.start(() => {}),
      onDrain: () => composed.stop(),
      onStop: () => store.close(),
    });
    return { store, service, client: clientOf(service) };
  }

  let parts = await start();
  return {
    engine,
    get client() {
      return parts.client;
    },
    get store() {
      return parts.store;
    },
    get service() {
      return parts.service;
    },
    get now() {
      return now;
    },
    set now(time) {
      now = time;
    },
    async restart() {
      await parts.service.stop();
      parts = await start();
    },
    async [Symbol.asyncDispose]() {
      await parts.service.stop();
      await rm(folder, { recursive: true });
    },
  };
}

export const testSpace: SearchSpace = {
  parameters: [
    { name: "rate", domain: { kind: "float", min: 1e-4, max: 1, scale: "log" } },
    { name: "layers", domain: { kind: "integer", min: 1, max: 8, scale: "linear" } },
    {
      name: "epochs",
      domain: { kind: "integer", min: 1, max: 16, scale: "log" },
      fidelity: { target: 64, basis: "fabolas" },
    },
  ],
  constraints: [],
};

/** A study's spec, or parts of it. */
export type SpecParts = NonNullable<NonNullable<Parameters<OptimizerClient["createStudy"]>[0]["study"]>["spec"]>;

/** Creates a study and returns its name. */
export async function createTestStudy(
  client: OptimizerClient,
  spec: SpecParts = {},
  studyId = "test",
): Promise<string> {
  const defaults: SpecParts = {
    space: spaceToProto(testSpace),
    objective: { metric: "error" },
    algorithm: { kind: { $case: "random", value: {} } },
    seed: 1,
  };
  const { study } = await client.createStudy({ studyId, study: { spec: { ...defaults, ...spec } } });
  return study!.name;
}

/** Leases one trial; fails if there is none. */
export async function leaseOne(
  client: OptimizerClient,
  study: string,
  worker = "worker",
): Promise<optimizer.TrialLease> {
  const { leases, reason } = await client.leaseTrials({ study, worker, waitSeconds: 10 });
  if (leases.length !== 1) throw new Error(`no lease: ${reason}`);
  return leases[0]!;
}

export function result(value: number, cost = 1) {
  return { value, cost: { total: cost, gradient: cost } };
}

/** Completes a lease. */
export async function complete(
  client: OptimizerClient,
  { trial, leaseId }: optimizer.TrialLease,
  value = 0.5,
  cost = 1,
) {
  return client.completeTrial({ trial: trial!.name, leaseId, measurement: result(value, cost) });
}
