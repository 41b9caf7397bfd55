import { z } from "zod";
import type { Store } from "../store.ts";
import { recordSchema } from "./record-schema.ts";
import { contradictionIn, type StudyRecord } from "./study-record.ts";

/** What a file says of itself. */
const format = "superbatch-study";

/** Version of the file's layout; files of older versions are read too. */
const version = 1;

/** Items put together in one piece of text. */
const pieceSize = 1_000;

/**
 * A study with all that belongs to it, as one JSON document with a line for each item. The study is locked while it is read, so that
 * nothing changes between the lists.
 *
 * @returns the text in pieces, since of a large study it is larger than one wants to copy; undefined if there is no such study.
 */
export async function exportStudy(store: Store, name: string): Promise<readonly string[] | undefined> {
  return store.transaction(async (tx) => {
    const study = await tx.lockStudy(name);
    if (!study) return undefined;
    const head = `{"format":"${format}","version":${version},\n"study":${JSON.stringify(study)}`;
    // One list after the other: none is kept as objects once it is text.
    return [
      head,
      ...listToJson("trials", await tx.listTrials(name)),
      ...listToJson("attempts", await tx.listAttempts(name)),
      ...listToJson("progress", await tx.listProgress(name)),
      ...listToJson("events", await tx.listEvents(name)),
      "}\n",
    ];
  });
}

/**
 * Reads what {@link exportStudy} wrote, for `restoreStudy` of a transaction.
 *
 * @throws {Error} if the text is not a whole study of a version that is known; the message says what is wrong with it.
 */
export function parseStudy(text: string): StudyRecord {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Error("not an exported study: the text is not JSON", { cause });
  }
  const { format: found, version: layout } = (document ?? {}) as { format?: unknown; version?: unknown };
  if (found !== format) throw new Error(`not an exported study: its format is not "${format}"`);
  if (layout !== version) throw new Error(`the study was exported in version ${layout}, unknown here`);
  const { data, error } = recordSchema.safeParse(document);
  if (error) {
    const { path, message } = error.issues[0]!;
    throw new Error(`not an exported study: ${z.core.toDotPath(path)}: ${message}`);
  }
  const contradiction = contradictionIn(data);
  if (contradiction !== undefined) throw new Error(`not an exported study: ${contradiction}`);
  return data;
}

function* listToJson(name: string, items: readonly unknown[]): Iterable<string> {
  yield `,\n"${name}":[`;
  for (let i = 0; i < items.length; i += pieceSize) {
    const lines = items.slice(i, i + pieceSize).map((item) => JSON.stringify(item));
    yield `${i === 0 ? "\n" : ",\n"}${lines.join(",\n")}`;
  }
  yield "\n]";
}
