import type { Transaction } from "kysely";
import type { Schema } from "./schema.ts";
import type { StoreTransaction } from "./store.ts";

type SuggestionWrites = Pick<
  StoreTransaction,
  "listSuggestions" | "insertSuggestions" | "deleteSuggestions" | "claimComputation" | "releaseComputation"
>;

/** What replicas share of the work of suggesting. @param now - the transaction's time. */
export function createSuggestionWrites(db: Transaction<Schema>, now: () => number): SuggestionWrites {
  return {
    async listSuggestions(study) {
      const rows = await db
        .selectFrom("suggestions")
        .selectAll()
        .where("study", "=", study)
        .orderBy("number")
        .execute();
      return rows.map(({ number, body }) => ({ number, body: JSON.parse(body) }));
    },

    async insertSuggestions(study, suggestions) {
      if (suggestions.length === 0) return;
      const rows = suggestions.map(({ number, body }) => ({ study, number, body: JSON.stringify(body) }));
      await db.insertInto("suggestions").values(rows).execute();
    },

    async deleteSuggestions(study, through) {
      const query = db.deleteFrom("suggestions").where("study", "=", study);
      await (through === undefined ? query : query.where("number", "<=", through)).execute();
    },

    async claimComputation(study, holder, until) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("computations")
        .values({ study, holder, until })
        .onConflict((c) =>
          c
            .column("study")
            .doUpdateSet({ holder, until })
            .where((e) => e.or([e("computations.holder", "=", holder), e("computations.until", "<=", now())])),
        )
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async releaseComputation(study, holder) {
      await db.deleteFrom("computations").where("study", "=", study).where("holder", "=", holder).execute();
    },
  };
}
