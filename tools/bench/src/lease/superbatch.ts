import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { createClient } from "@superbatch/rpc";
import { startProcess } from "../sampler/processes.ts";
import type { Asker } from "./load.ts";

/** An optimizer under load, as a process of its own over SQLite on the disk. */
export interface Contender {
  /** A study with so many past trials, and trainers for it. */
  trainers(count: number, past: number): Promise<Asker[]>;
  stop(): void;
}

const space = spaceToProto({
  parameters: ["x", "y", "z"].map((name) => ({ name, domain: { kind: "float", min: 0, max: 1, scale: "linear" } })),
  constraints: [],
});

/** Trainers that share a connection. */
const perConnection = 10;

export async function startSuperbatch(): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-bench-"));
  const store = `sqlite:${join(folder, "store.sqlite")}`;
  const args = [
    "--listen",
    "127.0.0.1:0",
    "--store",
    store,
    "--surrogate-address",
    "127.0.0.1:9",
    "--log-level",
    "error",
  ];
  const service = await startProcess("services/optimizer/src/main.ts", args);
  const connect = () => createClient(optimizer.OptimizerServiceDefinition, service.address, { deadlineSeconds: 120 });
  const handles = [connect()];
  let studies = 0;
  let calls = 0;
  return {
    async trainers(count, past) {
      const { client } = handles[0]!;
      const spec = {
        space,
        objective: { metric: "error" },
        algorithm: { kind: { $case: "random" as const, value: {} } },
      };
      const { study } = await client.createStudy({ studyId: `bench-${++studies}`, study: { spec } });
      const value = () => ({ kind: { $case: "number" as const, value: Math.random() } });
      for (let left = past; left > 0; left -= 1_000) {
        const trials = Array.from({ length: Math.min(left, 1_000) }, () => ({
          parameters: { x: value(), y: value(), z: value() },
          measurement: { value: Math.random(), cost: { total: 1, gradient: 1 } },
        }));
        await client.addTrials({ study: study!.name, trials, requestId: `past-${studies}-${left}` });
      }
      while (handles.length < Math.ceil(count / perConnection)) handles.push(connect());
      return Array.from({ length: count }, (_, i): Asker => {
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
          async tell(given) {
            const { trial, leaseId } = given as optimizer.TrialLease;
            const measurement = { value: Math.random(), cost: { total: 1, gradient: 1 } };
            await own.completeTrial({ trial: trial!.name, leaseId, measurement, requestId: `tell-${++calls}` });
          },
        };
      });
    },
    stop() {
      for (const { close } of handles) close();
      service.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
