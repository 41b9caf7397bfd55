/**
 * `node make-golden.ts`: writes databases of the newest schema to `testdata`, to be kept for as long as that schema is read: `schema-N.sqlite`, and
 * `schema-N.sql` with what pg_dump says of the same in PostgreSQL. Run it once, with the last commit before the next migration.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { migrationNames } from "../migrations/index.ts";
import { openStore } from "../open.ts";
import { parseStudy } from "../transfer/json.ts";
import { startPostgres } from "./postgres-server.ts";

const folder = new URL("../../testdata/", import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, folder));
const name = `schema-${migrationNames.length}`;

const file = path(`${name}.sqlite`);
rmSync(file, { force: true });
await fill(`sqlite:${file}`);

const server = await startPostgres();
if (!server) throw new Error("there is no PostgreSQL on this machine: install the package postgresql");
try {
  const url = await server.createDatabase();
  await fill(url);
  const dump = execFileSync("pg_dump", ["--column-inserts", "--no-owner", "--no-privileges", url], {
    encoding: "utf8",
  });
  // Commands of psql, which nothing else understands.
  writeFileSync(path(`${name}.sql`), dump.replaceAll(/^\\.*\n/gm, ""));
} finally {
  await server.stop();
}

async function fill(url: string): Promise<void> {
  const store = await openStore(url, { clock: () => Date.UTC(2026, 0, 1) });
  await store.transaction(async (tx) => {
    await tx.restoreStudy(parseStudy(readFileSync(path("study.json"), "utf8")));
    await tx.saveResponse({ key: "default/1", method: "M", fingerprint: "f", body: Uint8Array.of(0, 1, 128, 255) });
  });
  await store.close();
}
