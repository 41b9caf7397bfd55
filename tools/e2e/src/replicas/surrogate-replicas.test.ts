import { readFileSync } from "node:fs";
import { join } from "node:path";
import { optimizer, pointFromProto, spaceToProto } from "@superbatch/contracts";
import { type Child, startChild } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";
import { expect, it, vi } from "vitest";
import { serviceMain } from "../services.ts";
import { temporaryFolder } from "../temporary.ts";
import { startDnsServer } from "./dns-server.ts";

const study = optimizer.Study.fromPartial({
  spec: {
    space: spaceToProto({
      parameters: ["x", "y"].map((name) => ({ name, domain: { kind: "float", min: 0, max: 1, scale: "linear" } })),
      constraints: [],
    }),
    objective: { metric: "error" },
    algorithm: {
      kind: {
        $case: "entropySearch",
        value: { model: { initialPoints: 2, hyperparameterSamples: 2 }, representers: 10 },
      },
    },
    seed: 1,
  },
});

it("three surrogates behind one name share the calls, and one that is killed fails no suggestion", {
  timeout: 240_000,
}, async () => {
  using folder = temporaryFolder();
  await using name = await startDnsServer("surrogate-model.test");
  await using started = new AsyncDisposableStack();
  vi.stubEnv("GRPC_NODE_USE_ALTERNATIVE_RESOLVER", "true");
  const start = async (child: string, service: string, args: readonly string[]): Promise<Child> => {
    const process = startChild({
      name: child,
      main: serviceMain(service),
      args: ["--log-level", "debug", ...args],
      logFile: join(folder.path, `${child}.log`),
    });
    started.defer(() => process.stop(10));
    await process.ready;
    return process;
  };

  // One port at addresses of their own, as pods have it.
  const first = await start("surrogate-1", "surrogate-model", ["--listen", "127.0.0.11:0"]);
  const port = Number((await first.ready).split(":")[1]);
  const others = ["127.0.0.12", "127.0.0.13"];
  const replicas = [
    first,
    ...(await Promise.all(
      others.map((host, i) => start(`surrogate-${i + 2}`, "surrogate-model", ["--listen", `${host}:${port}`])),
    )),
  ];
  name.addresses = ["127.0.0.11", ...others];
  const store = `sqlite:${join(folder.path, "store.sqlite")}`;
  const args = ["--listen", "127.0.0.1:0", "--store", store, "--surrogate-address", name.target(port)];
  const service = await start("optimizer", "optimizer", args);
  const { client, close } = createClient(optimizer.OptimizerServiceDefinition, await service.ready, {
    retry: { calls: "none" },
  });
  started.defer(close);

  /** Fits and questions that each replica has answered. */
  const calls = () =>
    replicas.map(({ logFile }) => {
      const lines = readFileSync(logFile, "utf8").split("\n");
      return lines.filter((line) => /SurrogateService\/(Fit|Posterior)","code":"OK"/.test(line)).length;
    });
  const studies = await Promise.all(
    ["a", "b"].map(async (studyId) => (await client.createStudy({ studyId, study })).study!.name),
  );
  /** Suggests and completes so many trials of each study, at the same time. @returns those that a model did not choose. */
  const work = async (trials: number) => {
    const unmodelled = await Promise.all(
      studies.map(async (parent) => {
        const found: string[] = [];
        for (let i = 0; i < trials; i++) {
          const { leases } = await client.leaseTrials({ study: parent, worker: parent, waitSeconds: 60 });
          const { trial, leaseId } = leases[0]!;
          const { origin, surrogateFailure, note } = trial!.explanation!;
          if (origin !== optimizer.Origin.MODEL || surrogateFailure !== "")
            found.push(`${trial!.name} ${origin} ${surrogateFailure} ${note}`);
          const { x, y } = pointFromProto(trial!.parameters) as { x: number; y: number };
          const measurement = { value: (x - 0.3) ** 2 + (y - 0.6) ** 2, cost: { total: 1, gradient: 1 } };
          await client.completeTrial({ trial: trial!.name, leaseId, measurement });
        }
        return found;
      }),
    );
    return unmodelled.flat();
  };

  await work(3);
  const before = calls();
  expect(await work(6)).toEqual([]);
  const shares = calls().map((count, i) => count - before[i]!);
  const mean = shares.reduce((a, b) => a + b) / 3;
  for (const share of shares) expect(Math.abs(share - mean), String(shares)).toBeLessThan(0.2 * mean + 2);

  // A node is lost: the name leads to it for a while yet.
  process.kill(replicas[1]!.pid!, "SIGKILL");
  const left = calls();
  expect(await work(4)).toEqual([]);
  name.addresses = ["127.0.0.11", "127.0.0.13"];
  expect(await work(2)).toEqual([]);
  const after = calls().map((count, i) => count - left[i]!);
  expect(after[1]).toBe(0);
  expect(Math.min(after[0]!, after[2]!), String(after)).toBeGreaterThan(0.3 * (after[0]! + after[2]!));
});
