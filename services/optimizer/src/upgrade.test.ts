import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { optimizer } from "@superbatch/contracts";
import { openStore } from "@superbatch/store";
import { connectRaw, startPostgres } from "@superbatch/store/testing";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { startTestOptimizer, type TestOptimizer } from "./testing/test-optimizer.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

const testdata = (name: string) => fileURLToPath(import.meta.resolve(`@superbatch/store/testdata/${name}`));
const study = "projects/default/studies/golden";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "superbatch-upgrade-"));
  return () => rmSync(folder, { recursive: true });
});

/** A database as the previous schema's version left it: a study with two trials that trainers hold and one that waits. */
const databases = {
  async sqlite() {
    const file = join(folder, "store.sqlite");
    copyFileSync(testdata("schema-1.sqlite"), file);
    return `sqlite:${file}`;
  },
  async postgres() {
    const url = await server!.createDatabase();
    await using database = await connectRaw(url);
    await database.query(readFileSync(testdata("schema-1.sql"), "utf8"));
    return url;
  },
};

/** The trainers of the two held trials: they have leases from before the upgrade, and call until they are heard. */
async function trainersGoOn(test: TestOptimizer): Promise<void> {
  const patient = test.service.client(optimizer.OptimizerServiceDefinition, { retry: { attempts: 100 } });
  const before = (await patient.getTrial({ name: `${study}/trials/8` })).trial!;
  const [seven, eight] = await Promise.all([7, 8].map((number) => leaseOf(test, number)));
  const report = await patient.reportProgress({
    trial: `${study}/trials/7`,
    leaseId: seven!,
    points: [{ step: 9, metrics: { error: 0.001 }, cost: { total: 1, gradient: 1 } }],
    requestId: "after the upgrade",
  });
  expect(report.command).toBe("COMMAND_CONTINUE");
  const done = await patient.completeTrial({
    trial: `${study}/trials/8`,
    leaseId: eight!,
    measurement: { value: 0.25, cost: { total: 2, gradient: 2 } },
    requestId: "the result",
  });
  expect(done).toMatchObject({ late: false, duplicate: false, trial: { state: "TRIAL_STATE_COMPLETED" } });
  expect(done.trial!.worker).toBe(before.worker);
  const { leases } = await patient.leaseTrials({ study, worker: "another", waitSeconds: 10, requestId: "next" });
  expect(leases[0]!.trial).toMatchObject({ number: 9 });
}

async function leaseOf(test: TestOptimizer, number: number): Promise<string> {
  return (await test.store.getTrial(study, number))!.lease!.id;
}

describe("an upgrade from the previous schema", () => {
  const engines = server ? (["sqlite", "postgres"] as const) : (["sqlite"] as const);

  it.each(engines)("of %s keeps running leases: their trainers report, complete and lease on", async (engine) => {
    await using test = await startTestOptimizer(await databases[engine]());
    await trainersGoOn(test);
    const { study: shown } = await test.client.getStudy({ name: study });
    expect(shown).toMatchObject({ progress: { completed: 6, running: 2, suggested: 0 } });
  });

  it.skipIf(!server)(
    "is rolled out a replica at a time: old ones' writes and new ones' meet in one database",
    async () => {
      const url = await databases.postgres();
      // A replica of the previous version that goes on: what it writes, in its own columns, while the new one migrates and works.
      await using old = await connectRaw(url);
      let writing = true;
      let written = 0;
      const oldReplica = (async () => {
        while (writing) {
          await old.query("begin");
          const [row] = await old.query("select last_event from studies where name = $1 for update", [study]);
          const sequence = Number(row!.last_event) + 1;
          await old.query("update studies set last_event = $2 where name = $1", [study, sequence]);
          await old.query(
            "insert into events (study, sequence, kind, time, trial, message) values ($1, $2, 'trial-progress', 0, 8, 'old')",
            [study, sequence],
          );
          await old.query("commit");
          written++;
        }
      })();
      await using test = await startTestOptimizer(url);
      await trainersGoOn(test);
      writing = false;
      await oldReplica;
      const events = await test.store.listEvents(study);
      expect(events.filter(({ message }) => message === "old")).toHaveLength(written);
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    },
  );

  it("is refused to an older version afterwards in words that say what to do", async () => {
    const url = await databases.sqlite();
    await (await openStore(url)).close();
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(url.slice("sqlite:".length));
    database.exec("insert into kysely_migration (name, timestamp) values ('9999-future', '2099')");
    database.close();
    await expect(openStore(url)).rejects.toThrow("use the version that wrote it");
  });
});
