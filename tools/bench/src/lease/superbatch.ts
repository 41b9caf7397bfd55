import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { createRng } from "@superbatch/random";
import { createClient } from "@superbatch/rpc";
import { startProcess } from "../sampler/processes.ts";
import type { Holder } from "./load.ts";

/** An optimizer under load and a surrogate, each a process of its own; the store is SQLite on the disk. */
export interface Contender {
  /** A study with so many past trials, and trainers for it. */
  trainers(count: number, past: number, algorithm: Algorithm): Promise<Holder[]>;
  stop(): void;
}

export type Algorithm = "random" | "entropy-search";

const algorithms = {
  random: { kind: { $case: "random" as const, value: {} } },
  "entropy-search": { kind: { $case: "entropySearch" as const, value: { model: { initialPoints: 1 } } } },
};

const hyperparameters = ["x", "y", "z"];
const spaceOf = (algorithm: Algorithm) =>
  spaceToProto({
    parameters: [
      ...hyperparameters.map((name) => ({ name, domain: { kind: "float", min: 0, max: 1, scale: "linear" } as const })),
      ...(algorithm === "random"
        ? []
        : [
            {
              name: "super_batch",
              domain: { kind: "integer", min: 128, max: 4096, scale: "log" } as const,
              fidelity: { target: 50_000, basis: "fabolas" } as const,
            },
          ]),
    ],
    constraints: [],
  });

/** Trainers that share a connection. */
const perConnection = 10;

/** @param start - starts a program of the repository. @default plainly */
export async function startSuperbatch(start: typeof startProcess = startProcess): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-bench-"));
  const store = `sqlite:${join(folder, "store.sqlite")}`;
  const common = ["--listen", "127.0.0.1:0", "--log-level", "error"];
  const surrogate = await start("services/surrogate-model/src/main.ts", common);
  const args = [...common, "--store", store, "--surrogate-address", surrogate.address];
  const service = await start("services/optimizer/src/main.ts", args);
  const rng = createRng("lease");
  const connect = () => createClient(optimizer.OptimizerServiceDefinition, service.address, { deadlineSeconds: 120 });
  const handles = [connect()];
  let studies = 0;
  let calls = 0;
  return {
    async trainers(count, past, algorithm) {
      const { client } = handles[0]!;
      const spec = {
        space: spaceOf(algorithm),
        objective: { metric: "error" },
        algorithm: algorithms[algorithm],
      };
      const { study } = await client.createStudy({ studyId: `bench-${++studies}`, study: { spec } });
      const number = (value: number) => ({ kind: { $case: "number" as const, value } });
      const point = () => ({
        ...Object.fromEntries(hyperparameters.map((name) => [name, number(rng.uniform())])),
        ...(algorithm !== "random" && { super_batch: number(128 * 2 ** rng.integer(6)) }),
      });
      for (let left = past; left > 0; left -= 1_000) {
        const trials = Array.from({ length: Math.min(left, 1_000) }, () => ({
          parameters: point(),
          measurement: { value: rng.uniform(), cost: { total: 1, gradient: 1 } },
        }));
        await client.addTrials({ study: study!.name, trials, requestId: `past-${studies}-${left}` });
      }
      while (handles.length < Math.ceil(count / perConnection)) handles.push(connect());
      return Array.from({ length: count }, (_, i): Holder => {
        const own = handles[i % Math.ceil(count / perConnection)]!.client;
        return {
          async ask() {
            const requestId = `ask-${++calls}`;
            const { leases } = await own.leaseTrials({
              study: study!.name,
              worker: `w${i}`,
              waitSeconds: 10,
              requestId,
            });
            return leases[0];
          },
          async beat(given) {
            const { trial, leaseId } = given as optimizer.TrialLease;
            await own.reportProgress({
              trial: trial!.name,
              leaseId,
              cost: { total: ++calls, gradient: calls },
              requestId: `beat-${calls}`,
            });
          },
          async tell(given) {
            const { trial, leaseId } = given as optimizer.TrialLease;
            const measurement = { value: rng.uniform(), cost: { total: 1, gradient: 1 } };
            await own.completeTrial({ trial: trial!.name, leaseId, measurement, requestId: `tell-${++calls}` });
          },
        };
      });
    },
    stop() {
      for (const { close } of handles) close();
      service.stop();
      surrogate.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
