import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** What a trainer's process writes down before and after each call. Times are milliseconds since the epoch. */
export type Entry =
  | ({ readonly kind: "call"; readonly call: string; readonly time: number; readonly worker: string } & Request)
  | ({ readonly kind: "answer"; readonly call: string; readonly time: number } & Answer)
  | {
      readonly kind: "error";
      readonly call: string;
      readonly time: number;
      readonly code: string;
      readonly message: string;
    };

/** What a call asked for. */
export type Request =
  | { readonly method: "lease"; readonly study: string }
  | { readonly method: "report"; readonly trial: string; readonly lease: string }
  | { readonly method: "complete"; readonly trial: string; readonly lease: string; readonly value: number }
  | { readonly method: "fail"; readonly trial: string; readonly lease: string; readonly outcome: string };

/** What it was told. */
export type Answer =
  | {
      readonly method: "lease";
      readonly leases: readonly { readonly trial: string; readonly lease: string; readonly expires: number }[];
    }
  | { readonly method: "report"; readonly command: string; readonly expires?: number }
  | { readonly method: "complete"; readonly late: boolean; readonly duplicate: boolean }
  | { readonly method: "fail"; readonly retry: boolean };

export interface Journal {
  /** Returns when the entry is on the disk. */
  write(entry: Entry): void;
  close(): void;
}

export function openJournal(file: string): Journal {
  const descriptor = openSync(file, "a");
  return {
    write(entry) {
      writeSync(descriptor, `${JSON.stringify(entry)}\n`);
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

/** Every entry of every journal of a folder, by time. The last line of a process that was killed may be cut off: it was never written. */
export function readJournals(folder: string): Entry[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  const entries = files.flatMap((file) => {
    const lines = readFileSync(join(folder, file), "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
  });
  return entries.sort((a, b) => a.time - b.time);
}

/** Milliseconds since the epoch, with fractions, never going back in a process. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
