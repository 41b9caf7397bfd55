/** Where and how a data file is wrong, and what to do about it. */
export interface DataErrorDetails {
  /** Path of the file or folder at fault. */
  readonly file: string;
  /** Offset in the (uncompressed) file of the first byte at fault, where there is one. */
  readonly byteOffset?: number;
  /** What was found. */
  readonly problem: string;
  /** What the reader of the message should do. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** Data are missing or corrupt. The message holds file, byte offset, problem and remedy. */
export class DataError extends Error {
  readonly file: string;
  readonly byteOffset: number | undefined;
  readonly problem: string;
  readonly remedy: string;

  constructor({ file, byteOffset, problem, remedy, cause }: DataErrorDetails) {
    const place = byteOffset === undefined ? file : `${file}, byte ${byteOffset}`;
    super(`${place}: ${problem}. ${remedy}`, { cause });
    this.name = "DataError";
    this.file = file;
    this.byteOffset = byteOffset;
    this.problem = problem;
    this.remedy = remedy;
  }
}
