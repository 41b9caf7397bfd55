import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { backupStore } from "../backup/backup.ts";
import { restoreStore } from "../backup/restore.ts";
import { openStore } from "../open.ts";
import { exportStudy } from "../transfer/json.ts";
import type { StoreFixture } from "./contract.ts";
import { fixtures } from "./fixtures.ts";

/** A whole store goes into a file and comes back, with either engine. */
export function describeBackup(fixture: StoreFixture): void {
  const names = ["projects/default/studies/one", "projects/other/studies/two"];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "superbatch-backup-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const path = (name: string) => join(folder, name);
  const fresh = () => `sqlite:${path("fresh.sqlite")}`;

  async function fill(): Promise<void> {
    for (const [i, name] of names.entries()) {
      await fixture.store.transaction(async (tx) => {
        await tx.insertStudy(fixtures.study({ name, project: name.split("/")[1]! }));
        // More than one page of rows.
        await tx.insertTrials(
          name,
          Array.from({ length: 1_100 }, () => fixtures.trial()),
        );
        await tx.insertAttempt(fixtures.attempt({ study: name, leaseId: `lease-${i}` }));
        await tx.saveProgress([fixtures.progress({ study: name }), fixtures.progress({ study: name, step: 20 })]);
        await tx.appendEvents(name, [{ kind: "trial-leased", trial: 1, message: "ü\n" }]);
        await tx.saveResponse({ key: `key-${i}`, method: "M", fingerprint: "f", body: Uint8Array.of(0, 255, i) });
      });
    }
  }

  const exportAll = async (store: StoreFixture["store"]) =>
    Promise.all(names.map(async (name) => (await exportStudy(store, name))?.join("")));

  describe("backup and restore", () => {
    it("give back the whole store in a new one", async () => {
      await fill();
      const rows = await backupStore(fixture.harness.url, path("backup"));
      expect(await restoreStore(fresh(), path("backup"))).toBe(rows);
      const restored = await openStore(fresh());
      expect(await exportAll(restored)).toEqual(await exportAll(fixture.store));
      expect([...(await restored.findResponse("key-1"))!.body]).toEqual([0, 255, 1]);
      await restored.close();
    });

    it("come back into this engine, from the other one too", async () => {
      const other = await openStore(fresh());
      const own = fixture.store;
      fixture.store = other;
      await fill();
      fixture.store = own;
      await backupStore(fresh(), path("backup"));
      await restoreStore(fixture.harness.url, path("backup"));
      expect(await exportAll(own)).toEqual(await exportAll(other));
      await other.close();
    });

    it("see one state, and keep no writer waiting", async () => {
      await fill();
      const adding = (async () => {
        for (let i = 0; i < 20; i++)
          await fixture.store.transaction(async (tx) => {
            for (const name of names) await tx.insertTrials(name, [fixtures.trial()]);
          });
      })();
      await backupStore(fixture.harness.url, path("backup"));
      await adding;
      await restoreStore(fresh(), path("backup"));
      const restored = await openStore(fresh());
      const [one, two] = await Promise.all(names.map((name) => restored.getStudy(name)));
      expect(one!.trialCount).toBe(two!.trialCount);
      expect(await restored.listTrials(names[0]!)).toHaveLength(one!.trialCount);
      await restored.close();
    });

    it("refuse a store that holds something, and change nothing there", async () => {
      await fill();
      await backupStore(fixture.harness.url, path("backup"));
      const before = await exportAll(fixture.store);
      await expect(restoreStore(fixture.harness.url, path("backup"))).rejects.toThrow("not empty");
      expect(await exportAll(fixture.store)).toEqual(before);
    });

    it("refuse files that are no whole backup, and leave the store empty", async () => {
      await fill();
      await backupStore(fixture.harness.url, path("backup"));
      const lines = gunzipSync(readFileSync(path("backup")))
        .toString("utf8")
        .trimEnd()
        .split("\n");
      const restore = (name: string, content: string | Buffer) => {
        writeFileSync(path(name), content);
        return restoreStore(fresh(), path(name));
      };
      await expect(restore("text", "hello")).rejects.toThrow("is not a backup");
      await expect(restore("short", gzipSync(lines.slice(0, -1).join("\n")))).rejects.toThrow("not whole");
      await expect(restore("hole", gzipSync(lines.toSpliced(5, 1).join("\n")))).rejects.toThrow("not whole");
      const later = lines[0]!.replace(/"schema":"[^"]*"/, '"schema":"9999-later"');
      await expect(restore("later", gzipSync(later))).rejects.toThrow("does not know");
      await expect(restoreStore(fresh(), path("missing"))).rejects.toThrow("ENOENT");
      await expect(backupStore(`sqlite:${path("no.sqlite")}`, path("backup"))).rejects.toThrow("there is no file");
      const store = await openStore(fresh());
      expect(await store.listStudies()).toEqual([]);
      await store.close();
    });
  });
}
