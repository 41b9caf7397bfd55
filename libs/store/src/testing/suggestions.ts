import { describe, expect, it } from "vitest";
import type { Store } from "../store.ts";
import type { StoreFixture } from "./contract.ts";
import { fixtures } from "./fixtures.ts";

/** What replicas share of the work of suggesting, and studies whose time is over. */
export function describeSuggestions(fixture: StoreFixture): void {
  const one = "projects/default/studies/one";
  const ready = (number: number) => ({ number, body: { point: { rate: 0.1 + 0.2 }, note: "ü" } });

  describe("suggestions computed ahead", () => {
    it("are kept by number until they are deleted, or their study is", async () => {
      const list = () => fixture.store.transaction((tx) => tx.listSuggestions(one));
      await fixture.store.transaction(async (tx) => {
        await tx.insertStudy(fixtures.study());
        await tx.insertSuggestions(one, []);
        await tx.insertSuggestions(one, [ready(3), ready(4), ready(5)]);
      });
      expect(await list()).toEqual([ready(3), ready(4), ready(5)]);
      await fixture.store.transaction((tx) => tx.deleteSuggestions(one, 3));
      expect(await list()).toEqual([ready(4), ready(5)]);
      await fixture.store.transaction((tx) => tx.deleteSuggestions(one));
      expect(await list()).toEqual([]);
      await fixture.store.transaction((tx) => tx.insertSuggestions(one, [ready(6)]));
      await fixture.store.transaction((tx) => tx.deleteStudy(one));
      expect(await list()).toEqual([]);
    });

    it("are computed by one holder at a time, until it releases them or is silent for too long", async () => {
      const other = await fixture.harness.open(() => fixture.now);
      const claim = (store: Store, holder: string) =>
        store.transaction((tx) => tx.claimComputation(one, holder, tx.now + 100));
      expect(await claim(fixture.store, "a")).toBe(true);
      expect(await claim(other, "b")).toBe(false);
      expect(await claim(fixture.store, "a")).toBe(true);
      fixture.now += 100;
      expect(await claim(other, "b")).toBe(true);
      expect(await claim(fixture.store, "a")).toBe(false);
      await fixture.store.transaction((tx) => tx.releaseComputation(one, "a"));
      expect(await claim(fixture.store, "a")).toBe(false);
      await other.transaction((tx) => tx.releaseComputation(one, "b"));
      expect(await claim(fixture.store, "a")).toBe(true);
      await other.close();
    });
  });

  describe("active studies whose time is over", () => {
    it("are listed, the earliest first", async () => {
      const name = (id: string) => `projects/default/studies/${id}`;
      const study = (id: string, endsAt?: number) =>
        fixtures.study({ name: name(id), ...(endsAt !== undefined && { endsAt }) });
      await fixture.store.transaction(async (tx) => {
        for (const each of [study("late", 5_000), study("soon", 2_000), study("never"), study("paused", 1_500)])
          await tx.insertStudy(each);
        await tx.updateStudy(name("paused"), { state: "paused" });
      });
      expect(await fixture.store.listOver(1_999, 10)).toEqual([]);
      expect(await fixture.store.listOver(2_000, 10)).toEqual([name("soon")]);
      expect(await fixture.store.listOver(9_000, 10)).toEqual([name("soon"), name("late")]);
      expect(await fixture.store.listOver(9_000, 1)).toEqual([name("soon")]);
      await fixture.store.transaction((tx) => tx.updateStudy(name("soon"), { endsAt: null }));
      expect(await fixture.store.listOver(9_000, 10)).toEqual([name("late")]);
    });
  });
}
