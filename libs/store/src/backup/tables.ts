import type { Schema } from "../schema.ts";

/**
 * What a backup holds, each table by its primary key. Who computes suggestions at the moment (`computations`) is not part of it: that ends with
 * the processes.
 */
export const backedUp = {
  studies: ["name"],
  trials: ["study", "number"],
  attempts: ["lease_id"],
  progress: ["study", "trial", "attempt", "step"],
  events: ["study", "sequence"],
  responses: ["key"],
  suggestions: ["study", "number"],
} as const satisfies { readonly [Table in keyof Schema]?: readonly (keyof Schema[Table])[] };

export type BackedUpTable = keyof typeof backedUp;

/** First line of a backup. */
export interface BackupHead {
  readonly format: "superbatch-backup";
  /** Version of the file's layout. */
  readonly version: 1;
  /** Name of the schema's last migration. */
  readonly schema: string;
}

/** Every line but the first and the last: a row as its table holds it, bytes as `{ base64 }`. */
export type BackupRow = readonly [BackedUpTable, Readonly<Record<string, unknown>>];

/** Last line: a file without it was cut off. */
export interface BackupEnd {
  /** Number of rows. */
  readonly rows: number;
}
