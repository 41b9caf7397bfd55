import type { Store } from "../store.ts";
import { readStudyRecord, type StudyRecord } from "./study-record.ts";

/** What a file says of itself. */
const format = "superbatch-study";

/** Version of the file's layout; files of older versions are read too. */
const version = 1;

/** @returns a study with all that belongs to it, as JSON text. @throws {Error} if there is no such study. */
export async function exportStudy(store: Store, name: string): Promise<string> {
  // Locked, so that nothing changes between the lists.
  const record = await store.transaction(async (tx) => (await tx.lockStudy(name)) && readStudyRecord(tx, name));
  if (!record) throw new Error(`there is no study ${name}`);
  return `${JSON.stringify({ format, version, ...record }, undefined, 1)}\n`;
}

/**
 * Writes an exported study exactly as it was: names, numbers, times and events. Leases come along too, and end when they would have.
 *
 * @returns the study's name.
 * @throws {StoreConflict} if the store has a study of that name.
 * @throws {Error} if the text is not a study of a version that is known.
 */
export async function importStudy(store: Store, text: string): Promise<string> {
  const record = parse(text);
  await store.transaction((tx) => tx.restoreStudy(record));
  return record.study.name;
}

function parse(text: string): StudyRecord {
  let document: (StudyRecord & { format?: unknown; version?: unknown }) | null;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Error("not an exported study: the text is not JSON", { cause });
  }
  if (document?.format !== format) throw new Error(`not an exported study: its format is not "${format}"`);
  if (document.version !== version)
    throw new Error(`the study was exported in version ${document.version}, unknown here`);
  const { study, trials, attempts, progress, events } = document;
  const lists = { trials, attempts, progress, events };
  for (const [name, list] of Object.entries(lists)) {
    if (!Array.isArray(list)) throw new Error(`not an exported study: ${name} is missing`);
    if (list.some((item) => item?.study !== study?.name))
      throw new Error(`not an exported study: ${name} of another study are in it`);
  }
  if (trials.some(({ number }, i) => number !== i + 1) || study.trialCount !== trials.length)
    throw new Error("not an exported study: its trials are not numbered 1, 2, …");
  return { study, ...lists };
}
