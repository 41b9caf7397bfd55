import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { type MetricsLine, parseMetricsLine } from "./metrics-lines.ts";

/** Reads what a program appends to a file of JSON lines. */
export interface MetricsFile {
  /**
   * The lines that are new since the last call.
   *
   * @param ended - true when nothing more will be written: a last line without its end counts then.
   * @throws {RangeError} naming the number of a line that is wrong.
   */
  read(ended: boolean): MetricsLine[];
}

export function createMetricsFile(path: string): MetricsFile {
  let offset = 0;
  let count = 0;
  return {
    read(ended) {
      const bytes = readFrom(path, offset);
      // Whole lines only: a program may be in the middle of writing one, or of a character.
      const length = ended ? bytes.length : bytes.lastIndexOf(0x0a) + 1;
      offset += length;
      const lines = bytes.toString("utf8", 0, length).split("\n");
      return lines.flatMap((line, i) => {
        if (i < lines.length - 1) count++;
        if (line.trim() === "") return [];
        try {
          return [parseMetricsLine(line)];
        } catch (error) {
          throw new RangeError(
            `line ${i < lines.length - 1 ? count : count + 1} of the metrics file: ${(error as Error).message}`,
          );
        }
      });
    },
  };
}

function readFrom(path: string, offset: number): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const file = openSync(path, "r");
  try {
    const parts: Buffer[] = [];
    for (let at = offset; ; ) {
      const part = Buffer.alloc(65_536);
      const length = readSync(file, part, 0, part.length, at);
      if (length === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, length));
      at += length;
    }
  } finally {
    closeSync(file);
  }
}
