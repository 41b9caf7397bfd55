import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "./open.ts";
import { describeStore } from "./testing/index.ts";

describeStore("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "superbatch-store-"));
  const url = `sqlite:${join(folder, "test.db")}`;
  return {
    url,
    open: (clock) => openStore(url, clock ? { clock } : {}),
    dispose: () => rm(folder, { recursive: true }),
  };
});

describe("openStore", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "superbatch-store-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("creates the folder of the file", async () => {
    const store = await openStore(`sqlite:${folder}/a/b/c.db`);
    await store.close();
    expect((await readFile(`${folder}/a/b/c.db`)).subarray(0, 15).toString()).toBe("SQLite format 3");
  });

  it("keeps a database in memory to itself", async () => {
    const stores = [await openStore("sqlite::memory:"), await openStore("sqlite::memory:")];
    await stores[0]!.transaction((tx) => tx.insertStudy({ name: "n", project: "p", spec: {} }));
    expect(await stores[0]!.listStudies()).toHaveLength(1);
    expect(await stores[1]!.listStudies()).toEqual([]);
    for (const store of stores) await store.close();
  });

  it.each(["", "mysql://x", "sqlite:"])("refuses the URL %j", async (url) => {
    await expect(openStore(url)).rejects.toThrow("cannot open the store");
  });

  it("refuses a database with a schema of the future", async () => {
    const file = `${folder}/future.db`;
    await (await openStore(`sqlite:${file}`)).close();
    const raw = new DatabaseSync(file);
    raw.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '2099-01-01')");
    raw.close();
    await expect(openStore(`sqlite:${file}`)).rejects.toThrow("does not know");
  });
});
