import { optimizer } from "@superbatch/contracts";
import { createClient } from "@superbatch/rpc";
import { startPostgres } from "@superbatch/store/testing";
import { afterAll, expect, it } from "vitest";
import { startProgram } from "./testing/program.ts";
import { createTestStudy, type OptimizerClient, result } from "./testing/test-optimizer.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

const { COMPLETED } = optimizer.TrialState;
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Clients try an address that was away again after at most five seconds and a fifth. A rolling update waits as long before it goes on (minReadySeconds). */
const readyMilliseconds = 6_500;

it.skipIf(!server)(
  "replicas that are told to stop one after the other fail no call of clients that never repeat one",
  async () => {
    const store = await server!.createDatabase();
    const replicas = [await startProgram(store), await startProgram(store)];
    const addresses = `ipv4:${replicas.map(({ address }) => address).join(",")}`;
    const handles = ["a", "b", "c", "d", "e", "f"].map((worker) => ({
      worker,
      ...createClient(optimizer.OptimizerServiceDefinition, addresses, { retry: { calls: "none" } }),
    }));
    try {
      const study = await createTestStudy(handles[0]!.client);
      const acknowledged: string[] = [];
      let over = false;
      const work = async (client: OptimizerClient, worker: string) => {
        while (!over) {
          const { leases } = await client.leaseTrials({ study, worker, waitSeconds: 2 });
          for (const { trial, leaseId } of leases) {
            // Calls of all kinds are under way at any moment.
            await client.reportProgress({ trial: trial!.name, leaseId, points: [{ step: 1, metrics: { error: 1 } }] });
            await wait(30);
            const measurement = result(0.5);
            const { duplicate } = await client.completeTrial({ trial: trial!.name, leaseId, measurement });
            expect(duplicate).toBe(false);
            acknowledged.push(trial!.name);
          }
        }
      };
      const working = Promise.all(handles.map(({ client, worker }) => work(client, worker)));
      const update = (async () => {
        for (const [i, replica] of replicas.entries()) {
          if (i > 0) await wait(readyMilliseconds);
          await wait(300);
          expect(await replica.end("SIGTERM")).toBe(0);
          replicas[i] = await startProgram(store, replica.address);
        }
        over = true;
      })();
      await Promise.all([working, update]);
      const { client } = handles[0]!;
      const { trials } = await client.listTrials({ study, states: [COMPLETED], pageSize: 1000 });
      expect(acknowledged.length).toBeGreaterThan(50);
      expect(trials.map(({ name }) => name).slice(0, 1000)).toEqual(
        [...acknowledged].sort((a, b) => numberOf(a) - numberOf(b)).slice(0, 1000),
      );
    } finally {
      for (const handle of handles) handle.close();
      for (const replica of replicas) await replica.end("SIGKILL");
    }
  },
);

function numberOf(trial: string): number {
  return Number(trial.slice(trial.lastIndexOf("/") + 1));
}
