import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { type Child, startChild } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";
import { startPostgres } from "@superbatch/store/testing/postgres";
import { afterAll, expect, it, vi } from "vitest";
import { serviceMain } from "../services.ts";
import { temporaryFolder } from "../temporary.ts";
import type { CallerResult } from "./caller.ts";
import { startDnsServer } from "./dns-server.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

const study = optimizer.Study.fromPartial({
  spec: {
    space: spaceToProto({
      parameters: [{ name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } }],
      constraints: [],
    }),
    objective: { metric: "error" },
    algorithm: { kind: { $case: "random", value: {} } },
    // Longer than a loaded machine may take to start a replica.
    lease: { leaseSeconds: 120 },
    seed: 1,
  },
});

it.skipIf(!postgres)(
  "a rolling update of the optimizer under load fails no call and loses no trial",
  { timeout: 300_000 },
  async () => {
    using folder = temporaryFolder();
    await using name = await startDnsServer("optimizer.test");
    await using started = new AsyncDisposableStack();
    vi.stubEnv("GRPC_NODE_USE_ALTERNATIVE_RESOLVER", "true");
    const store = await postgres!.createDatabase();
    let port = 0;
    let last = 30;
    /** A replica at an address of its own, as a pod has. */
    async function start(): Promise<{ process: Child; host: string }> {
      const host = `127.0.0.${++last}`;
      const process = startChild({
        name: `optimizer-${last}`,
        main: serviceMain("optimizer"),
        args: ["--listen", `${host}:${port}`, "--store", store, "--surrogate-address", "127.0.0.1:9"],
        logFile: join(folder.path, `optimizer-${last}.log`),
      });
      started.defer(() => process.stop(10));
      port = Number((await process.ready).split(":")[1]);
      return { process, host };
    }

    const old = [await start(), await start(), await start()];
    name.addresses = old.map(({ host }) => host);
    const { client, close } = createClient(optimizer.OptimizerServiceDefinition, await old[0]!.process.ready);
    const created = await client.createStudy({ studyId: "rolled", study });
    close();
    const caller = fileURLToPath(new URL("./caller.ts", import.meta.url));
    const args = [caller, name.target(port), created.study!.name, "12"];
    const working = promisify(execFile)(process.execPath, args);

    // As a Deployment with maxSurge 1 does it: one more, then one less, which is first taken from the endpoints and told to end a second later.
    for (const { process, host } of old) {
      const next = await start();
      name.addresses = [...name.addresses, next.host];
      name.addresses = name.addresses.filter((address) => address !== host);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await process.stop(30);
      expect(await process.ended).toBe(0);
    }
    working.child.stdin!.end();
    const { failures, calls, completed, longest } = JSON.parse((await working).stdout) as CallerResult;
    expect(failures).toEqual([]);
    expect(completed).toBeGreaterThan(20);
    expect(calls).toBeGreaterThanOrEqual(3 * completed);
    // Not even a wait for a lookup of the name that is not due yet.
    expect(longest).toBeLessThan(10_000);
    const after = await stateOf(name.addresses[0]!);
    expect(after.progress).toMatchObject({ completed, failed: 0, abandoned: 0, running: 0 });
    // No lease was lost: what a replica had begun, another went on with.
    expect(after.attempts).toEqual(Array(completed).fill(1));

    async function stateOf(host: string) {
      const { client, close } = createClient(optimizer.OptimizerServiceDefinition, `${host}:${port}`);
      const { progress } = (await client.getStudy({ name: created.study!.name })).study!;
      const attempts: number[] = [];
      let pageToken = "";
      do {
        const page = await client.listTrials({ study: created.study!.name, pageSize: 1000, pageToken });
        attempts.push(
          ...page.trials.filter((trial) => trial.state === "TRIAL_STATE_COMPLETED").map((trial) => trial.attempts),
        );
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      close();
      return { progress, attempts };
    }
  },
);
