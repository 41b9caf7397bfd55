import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrationNames } from "./migrations/index.ts";
import { openStore } from "./open.ts";
import { startPostgres } from "./testing/index.ts";
import { exportStudy, parseStudy } from "./transfer/json.ts";

const testdata = (name: string) => fileURLToPath(new URL(`../testdata/${name}`, import.meta.url));
const study = "projects/default/studies/golden";
/** Schemas that databases in the world may have: all but one that is still being made. */
const schemas = migrationNames.map((_, i) => i + 1).filter((n) => existsSync(testdata(`schema-${n}.sqlite`)));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "superbatch-golden-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const server = await startPostgres();
afterAll(() => server?.stop());

/** Opens the database, which migrates it, and reads everything. */
async function checkContents(url: string): Promise<void> {
  const store = await openStore(url, { clock: () => 0 });
  const wanted = parseStudy(readFileSync(testdata("study.json"), "utf8"));
  expect(parseStudy((await exportStudy(store, study))!.join(""))).toEqual(wanted);
  const response = await store.findResponse("default/1");
  expect([...response!.body]).toEqual([0, 1, 128, 255]);
  const held = wanted.trials.filter(({ lease }) => lease);
  expect(await store.nextExpiry()).toBe(Math.min(...held.map(({ lease }) => lease!.expiresAt)));
  await store.transaction(async (tx) => {
    await tx.lockStudy(study);
    await tx.updateTrial(study, wanted.trials.length, { reason: "written by this version" });
  });
  await store.close();
}

async function load(sql: string): Promise<string> {
  const url = await server!.createDatabase();
  await run(url, sql);
  return url;
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describe("a database of an older schema", () => {
  it("is kept for every schema but the newest", () => {
    for (const n of migrationNames.keys()) {
      const number = n + 1;
      if (number === migrationNames.length) continue;
      expect(schemas, `libs/store/src/testing/make-golden.ts makes schema-${number}`).toContain(number);
    }
  });

  it.each(schemas)("of SQLite, schema %i, is opened, migrated and read", async (schema) => {
    const file = join(folder, `schema-${schema}.sqlite`);
    copyFileSync(testdata(`schema-${schema}.sqlite`), file);
    await checkContents(`sqlite:${file}`);
  });

  it.skipIf(!server).each(schemas)("of PostgreSQL, schema %i, is opened, migrated and read", async (schema) => {
    await checkContents(await load(readFileSync(testdata(`schema-${schema}.sql`), "utf8")));
  });

  it.skipIf(!server).each(schemas)(
    "still takes the writes of replicas of schema %i after its migration",
    async (schema) => {
      const dump = readFileSync(testdata(`schema-${schema}.sql`), "utf8");
      const url = await load(dump);
      await (await openStore(url)).close();
      const inserts = dump.split(/;\n/).filter((statement) => /INSERT INTO public\.(?!kysely)/.test(statement));
      // The same rows as another study's, with leases and responses of its own.
      const other = inserts
        .join(";\n")
        .replaceAll("studies/golden", "studies/other")
        .replaceAll("default/1", "default/2");
      await run(url, other.replaceAll(/'([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}'/g, "'lease-$1'"));
      const store = await openStore(url);
      expect((await store.listTrials("projects/default/studies/other")).length).toBeGreaterThan(5);
      await store.close();
    },
  );
});
