import type { Transaction } from "kysely";
import { studyFromRow, studyToRow } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { StoreConflict } from "./store.ts";
import type { Study } from "./study.ts";

/**
 * The studies that a transaction works on, read once and written once: nearly every write of a trial or event changes its study's
 * counters, and the transaction has the study to itself.
 */
export interface StudyCache {
  /** @param lock - read the row as it is now, and keep other writers out. */
  read(name: string, lock?: boolean): Promise<Study | undefined>;
  /** Reads a study to change it. @throws {StoreConflict} if there is none. */
  require(name: string): Promise<Study>;
  /** Changes a study that was read to change it; written by {@link StudyCache.flush}. */
  change(study: Study): void;
  /** Drops what is known of a study that is gone. */
  forget(name: string): void;
  flush(): Promise<void>;
}

export interface StudyCacheOptions {
  /** True if the engine has several writers at a time, so that a study's row must be locked. */
  readonly rowLocks: boolean;
  /** Called each time that a study has been locked. */
  readonly locked: () => void;
}

export function createStudyCache(db: Transaction<Schema>, { rowLocks, locked }: StudyCacheOptions): StudyCache {
  const studies = new Map<string, { study: Study; stored: Study; locked: boolean }>();

  async function read(name: string, lock = false): Promise<Study | undefined> {
    const known = studies.get(name);
    if (known && (known.locked || !lock)) return known.study;
    const query = db.selectFrom("studies").selectAll().where("name", "=", name);
    const row = await (lock && rowLocks ? query.forUpdate() : query).executeTakeFirst();
    if (!row) return undefined;
    if (lock) locked();
    const study = studyFromRow(row);
    studies.set(name, { study, stored: study, locked: lock });
    return study;
  }

  return {
    read,

    async require(name) {
      const study = await read(name, true);
      if (!study) throw new StoreConflict(`there is no study ${name}`);
      return study;
    },

    change(study) {
      const { stored } = studies.get(study.name)!;
      studies.set(study.name, { study, stored, locked: true });
    },

    forget(name) {
      studies.delete(name);
    },

    async flush() {
      for (const [name, { study, stored }] of studies) {
        if (study === stored) continue;
        const { spec, ...row } = studyToRow(study);
        // The spec is by far the largest part and hardly ever changes.
        const changed = study.spec === stored.spec ? row : { ...row, spec };
        await db.updateTable("studies").set(changed).where("name", "=", name).execute();
        studies.set(name, { study, stored: study, locked: true });
      }
    },
  };
}
