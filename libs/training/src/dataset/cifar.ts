import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checksumOf } from "./checksum.ts";
import { DataError } from "./data-error.ts";
import type { Dataset, Split } from "./dataset.ts";

/**
 * The binary layout of CIFAR [Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html]: records without header, each of one (CIFAR-10) or
 * two (CIFAR-100: coarse, fine) label bytes and then 3072 bytes of a 32 × 32 image, channel by channel.
 */
export interface CifarLayout {
  readonly name: "cifar10" | "cifar100";
  readonly classes: number;
  /** Label bytes of a record; the last one is the class. */
  readonly labelBytes: number;
  readonly trainFiles: readonly string[];
  readonly testFiles: readonly string[];
  /** Examples in each of the files. A file with another number is refused. */
  readonly examplesPerFile: { readonly train: number; readonly test: number };
}

export const cifar10Layout: CifarLayout = {
  name: "cifar10",
  classes: 10,
  labelBytes: 1,
  trainFiles: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  testFiles: ["test_batch.bin"],
  examplesPerFile: { train: 10_000, test: 10_000 },
};

export const cifar100Layout: CifarLayout = {
  name: "cifar100",
  classes: 100,
  labelBytes: 2,
  trainFiles: ["train.bin"],
  testFiles: ["test.bin"],
  examplesPerFile: { train: 50_000, test: 10_000 },
};

const SIDE = 32;
const PIXELS = SIDE * SIDE;
const IMAGE_BYTES = 3 * PIXELS;

/**
 * Reads CIFAR from the folder that holds its .bin files.
 *
 * @throws {DataError} if a file is missing, has another length than its records need, or holds a label out of range.
 */
export async function readCifar(folder: string, layout: CifarLayout): Promise<Dataset> {
  const train = await readSplit(folder, layout, layout.trainFiles, layout.examplesPerFile.train);
  const test = await readSplit(folder, layout, layout.testFiles, layout.examplesPerFile.test);
  return {
    name: layout.name,
    inputShape: [SIDE, SIDE, 3],
    classes: layout.classes,
    train,
    test,
    flippable: true,
    checksum: checksumOf([train, test]),
  };
}

async function readSplit(folder: string, layout: CifarLayout, files: readonly string[], perFile: number) {
  const size = files.length * perFile;
  const split = { size, inputs: new Uint8Array(size * IMAGE_BYTES), labels: new Uint8Array(size) } satisfies Split;
  for (const [i, name] of files.entries()) {
    const file = join(folder, name);
    const remedy = `Download ${layout.name}'s binary version again and unpack it into this folder`;
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new DataError({ file, problem: "the file cannot be read", remedy, cause });
    });
    copyRecords(bytes, { file, layout, count: perFile, first: i * perFile, split, remedy });
  }
  return split;
}

interface RecordsTarget {
  readonly file: string;
  readonly layout: CifarLayout;
  readonly count: number;
  readonly first: number;
  readonly split: { readonly inputs: Uint8Array; readonly labels: Uint8Array };
  readonly remedy: string;
}

function copyRecords(bytes: Uint8Array, { file, layout, count, first, split, remedy }: RecordsTarget): void {
  const recordBytes = layout.labelBytes + IMAGE_BYTES;
  const expected = count * recordBytes;
  if (bytes.length !== expected) {
    const problem = `${bytes.length < expected ? "the file ends early" : "the file is too long"}: ${bytes.length} bytes instead of ${expected}`;
    throw new DataError({ file, byteOffset: Math.min(bytes.length, expected), problem, remedy });
  }
  for (let record = 0; record < count; record++) {
    const start = record * recordBytes;
    const label = bytes[start + layout.labelBytes - 1];
    if (label >= layout.classes) {
      const problem = `label ${label} is out of range: ${layout.name} has classes 0 to ${layout.classes - 1}`;
      throw new DataError({ file, byteOffset: start + layout.labelBytes - 1, problem, remedy });
    }
    split.labels[first + record] = label;
    interleave(bytes, start + layout.labelBytes, split.inputs, (first + record) * IMAGE_BYTES);
  }
}

/** One image from planes (c × h × w) to pixels (h × w × c). */
function interleave(from: Uint8Array, source: number, to: Uint8Array, target: number): void {
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    to[target + 3 * pixel] = from[source + pixel];
    to[target + 3 * pixel + 1] = from[source + PIXELS + pixel];
    to[target + 3 * pixel + 2] = from[source + 2 * PIXELS + pixel];
  }
}
