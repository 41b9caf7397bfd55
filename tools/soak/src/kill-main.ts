import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { createClient } from "@superbatch/rpc";
import { startPostgres } from "@superbatch/store/testing/postgres";
import { Command } from "commander";
import { checkKept, type Kept } from "./check/kept.ts";
import { readTables } from "./check/tables.ts";
import { startService } from "./service-process.ts";
import { project, soakStudies, specOf } from "./studies.ts";

/**
 * `npm run kill-test`: kill -9 to the optimizer in the moment in which a trainer has its answer to a call that writes, again and again; then
 * everything that was acknowledged must be in the database. With PostgreSQL its server is crashed now and then as well.
 */
const program = new Command("npm run kill-test --")
  .description(
    "Kills the optimizer right after each acknowledged write, and looks for what it acknowledged. Exit status 1 if anything is lost.",
  )
  .option("--kills <count>", "kills per engine", Number, 200)
  .option("--engine <engine>", "sqlite, postgres, or both", "both")
  .parse();
const { kills, engine } = program.opts<{ kills: number; engine: string }>();

let lost = 0;
for (const each of engine === "both" ? ["sqlite", "postgres"] : [engine]) lost += await killTest(each);
process.exitCode = lost > 0 ? 1 : 0;

async function killTest(engine: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-kill-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true }));
  const postgres = engine === "postgres" ? await startPostgres() : undefined;
  if (engine === "postgres" && !postgres)
    throw new Error("there is no PostgreSQL on this machine: install the package postgresql");
  if (postgres) stack.defer(() => postgres.stop());
  const store = postgres ? await postgres.createDatabase() : `sqlite:${join(folder, "store.sqlite")}`;
  // Nothing answers at the surrogate's address, and nothing asks: points are drawn at random.
  const args = ["--store", store, "--surrogate-address", "127.0.0.1:9", "--log-level", "error"];
  const service = await startService({ name: "optimizer", service: "optimizer", args, folder });
  stack.defer(() => service.stop());
  const retry = { attempts: 10_000, baseMilliseconds: 20, maxMilliseconds: 200 };
  const handle = createClient(optimizer.OptimizerServiceDefinition, `127.0.0.1:${service.port}`, {
    retry,
    deadlineSeconds: 300,
  });
  stack.defer(() => handle.close());
  const { client } = handle;

  const kept: Kept[] = [];
  let killed = 0;
  /** What was acknowledged is written down, and the optimizer is dead before it can do anything more. */
  async function thenKill(...acknowledged: Kept[]): Promise<void> {
    kept.push(...acknowledged);
    if (postgres && killed % 20 === 19) await postgres.restart("crash");
    await service.restart("kill", 0);
    killed++;
    if (killed % 20 === 0) console.log(`${engine}: ${killed} kills, ${kept.length} acknowledged writes`);
  }

  const spec = specOf({ ...soakStudies({ trials: 10 } as never).at(-1)!, maxTrials: 0 }, 1);
  const { study } = await client.createStudy({
    parent: project,
    studyId: "killed",
    study: { spec: { ...spec, lease: { leaseSeconds: 600 } } },
    requestId: "create",
  });
  await thenKill({ kind: "study", name: study!.name });
  for (let i = 0; killed < kills; i++) {
    const { leases } = await client.leaseTrials({
      study: study!.name,
      worker: "w",
      waitSeconds: 30,
      requestId: `lease-${i}`,
    });
    const { trial, leaseId } = leases[0]!;
    await thenKill({ kind: "lease", trial: trial!.name, lease: leaseId });
    if (killed >= kills) break;
    await client.reportProgress({
      trial: trial!.name,
      leaseId,
      points: [{ step: i + 1, metrics: { error: i } }],
      requestId: `report-${i}`,
    });
    await thenKill({ kind: "progress", trial: trial!.name, step: i + 1, value: i });
    if (killed >= kills) break;
    const measurement = { value: i, cost: { total: 1, gradient: 1 } };
    const { duplicate, late } = await client.completeTrial({
      trial: trial!.name,
      leaseId,
      measurement,
      requestId: `complete-${i}`,
    });
    if (duplicate || late) throw new Error(`the first result of ${trial!.name} was taken for a repetition`);
    await thenKill({ kind: "result", trial: trial!.name, lease: leaseId, value: i });
  }
  await service.stop();
  const breaches = checkKept(kept, await readTables(store));
  for (const breach of breaches) console.log(breach);
  console.log(
    `${engine}: ${killed} kills right after an acknowledged write, ${kept.length} writes, ${breaches.length} lost: ${breaches.length === 0 ? "PASS" : "FAIL"}`,
  );
  return breaches.length;
}
