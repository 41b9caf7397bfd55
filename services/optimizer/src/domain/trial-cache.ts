import { setImmediate as nextTurn } from "node:timers/promises";
import type { StoreReader, Study, Trial } from "@superbatch/store";

/** Events after which reading everything again is cheaper than reading what changed. */
const eventLimit = 2_000;

/** Trials read in one go: other calls are answered between two of them. */
const pageSize = 1_000;

/**
 * All trials of one study in memory, brought up to date from its events: whatever changes a trial for the model also writes an event.
 * Large studies are so read once, not with every suggestion.
 */
export interface TrialCache {
  /**
   * @param reader - of the transaction that read `study`, or the store itself: then trials may be newer than the study.
   * @returns the trials by number.
   */
  refresh(reader: StoreReader, study: Study): Promise<readonly Trial[]>;
}

export function createTrialCache(): TrialCache {
  let trials: Trial[] = [];
  let createdAt = Number.NaN;
  let sequence = 0;

  return {
    async refresh(reader, study) {
      // A study of the same name that was created later is another one.
      const news = study.lastEvent - sequence;
      // Fewer events than were seen: a commit failed after they had been read in its transaction.
      const fresh = createdAt !== study.createdAt || news > eventLimit || news < 0;
      if (fresh) trials = await readAll(reader, study.name);
      else {
        const events = await reader.listEvents(study.name, { after: sequence });
        const changed = new Set(events.map(({ trial }) => trial).filter((number) => number !== null));
        for (const number of changed) trials[number - 1] = (await reader.getTrial(study.name, number))!;
      }
      createdAt = study.createdAt;
      sequence = study.lastEvent;
      return trials;
    },
  };
}

async function readAll(reader: StoreReader, study: string): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (;;) {
    const page = await reader.listTrials(study, { after: trials.length, limit: pageSize });
    trials.push(...page);
    if (page.length < pageSize) return trials;
    await nextTurn();
  }
}
