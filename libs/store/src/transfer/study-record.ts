import type { Attempt, ProgressPoint } from "../attempt.ts";
import type { Event } from "../event.ts";
import type { StoreReader } from "../store.ts";
import type { Study } from "../study.ts";
import type { Trial } from "../trial.ts";

/** Everything that a store keeps of one study. Responses to repeated calls are not part of it. */
export interface StudyRecord {
  readonly study: Study;
  readonly trials: readonly Trial[];
  readonly attempts: readonly Attempt[];
  readonly progress: readonly ProgressPoint[];
  readonly events: readonly Event[];
}

/** @param reader - of a transaction, for one consistent state. @returns undefined if there is no such study. */
export async function readStudyRecord(reader: StoreReader, name: string): Promise<StudyRecord | undefined> {
  const study = await reader.getStudy(name);
  if (!study) return undefined;
  return {
    study,
    trials: await reader.listTrials(name),
    attempts: await reader.listAttempts(name),
    progress: await reader.listProgress(name),
    events: await reader.listEvents(name),
  };
}
