import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "./open.ts";
import { StoreUnavailable } from "./store.ts";
import { describeStore, fixtures, startPostgres } from "./testing/index.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

describe.skipIf(!server)("with a PostgreSQL server", () => {
  describeStore("PostgreSQL", async () => {
    const url = await server!.createDatabase();
    return {
      url,
      open: (clock) => openStore(url, clock ? { clock } : {}),
      dispose: async () => {},
    };
  });

  it("several processes may bring a new database to the current schema at once", async () => {
    const url = await server!.createDatabase();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(url)));
    await stores[0]!.transaction((tx) => tx.insertStudy(fixtures.study()));
    for (const store of stores) {
      expect(await store.listStudies()).toHaveLength(1);
      await store.close();
    }
  });

  it("a crash of the server loses nothing that was acknowledged, and the store goes on by itself", async () => {
    const url = await server!.createDatabase();
    const store = await openStore(url);
    const study = fixtures.study();
    await store.transaction((tx) => tx.insertStudy(study));
    const broken = store.transaction(async (tx) => {
      await tx.lockStudy(study.name);
      await tx.insertTrials(study.name, [fixtures.trial()]);
      await server!.restart("crash");
      await tx.insertTrials(study.name, [fixtures.trial()]);
    });
    await expect(broken).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await store.getStudy(study.name)).toMatchObject({ trialCount: 0 });
    await store.transaction((tx) => tx.insertTrials(study.name, [fixtures.trial()]));
    expect(await store.listTrials(study.name)).toHaveLength(1);
    await store.close();
  });
});
