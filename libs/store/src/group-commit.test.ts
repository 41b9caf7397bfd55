import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openStore } from "./open.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store } from "./store.ts";
import { fixtures } from "./testing/fixtures.ts";

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "superbatch-store-"));
  store = await openStore(`sqlite:${join(folder, "test.db")}`);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe("transactions that are committed in a group", () => {
  const name = "projects/default/studies/one";

  it("fail alone, in any mixture", async () => {
    await store.transaction((tx) => tx.insertStudy(fixtures.study()));
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        store.transaction(async (tx) => {
          const [trial] = await tx.insertTrials(name, [fixtures.trial({ labels: { i: String(i) } })]);
          if (i % 3 === 0) throw new RangeError(`no ${i}`);
          // A broken rule of the engine's own takes nothing else along.
          if (i % 7 === 0) await tx.insertStudy(fixtures.study());
          return trial!.number;
        }),
      ),
    );
    const kept = results.flatMap((result, i) => (result.status === "fulfilled" ? [{ i, number: result.value }] : []));
    expect(kept.map(({ i }) => i)).toEqual(
      Array.from({ length: 100 }, (_, i) => i).filter((i) => i % 3 !== 0 && i % 7 !== 0),
    );
    const trials = await store.listTrials(name);
    expect(trials.map(({ number, labels }) => ({ i: Number(labels.i), number }))).toEqual(kept);
    expect(await store.getStudy(name)).toMatchObject({ trialCount: kept.length, counts: { suggested: kept.length } });
  });

  it("resolve only when another connection can read them", async () => {
    await store.transaction((tx) => tx.insertStudy(fixtures.study()));
    const other = await openStore(`sqlite:${join(folder, "test.db")}`);
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        const [trial] = await store.transaction((tx) => tx.insertTrials(name, [fixtures.trial()]));
        expect(await other.getTrial(name, trial!.number)).toBeDefined();
      }),
    );
    await other.close();
  });

  it("share the disk: a hundred take far fewer commits", async () => {
    const engine = openSqlite(join(folder, "other.db"));
    const begin = vi.spyOn(engine.db, "startTransaction");
    const results = await Promise.all(Array.from({ length: 100 }, (_, i) => engine.transact(async () => i)));
    expect(results).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(begin.mock.calls.length).toBeLessThan(50);
    await engine.db.destroy();
  });
});
