import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { checksumOf } from "./checksum.ts";
import { DataError } from "./data-error.ts";
import type { Dataset, Split } from "./dataset.ts";

/** A tensor of bytes in the IDX format of the MNIST family [LeCun, http://yann.lecun.com/exdb/mnist]. */
export interface IdxTensor {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const REMEDY = "Download the file again; it must be an IDX file of unsigned bytes, plain or compressed with gzip";

/**
 * Reads the bytes of an IDX file: two zero bytes, the type (0x08, unsigned byte), the rank, the sizes as big-endian 32-bit integers, the data.
 *
 * @param rank - the rank that is expected: 3 for images, 1 for labels.
 * @throws {DataError} naming the file and the byte at fault.
 */
export function parseIdx(bytes: Uint8Array, rank: number, file: string): IdxTensor {
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    const problem = `the header ends early: ${bytes.length} bytes instead of ${headerBytes}`;
    throw new DataError({ file, byteOffset: bytes.length, problem, remedy: REMEDY });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const expectedMagic = (UNSIGNED_BYTE << 8) | rank;
  if (magic !== expectedMagic) {
    const problem = `wrong magic number 0x${hex(magic)} instead of 0x${hex(expectedMagic)}`;
    throw new DataError({ file, byteOffset: 0, problem, remedy: REMEDY });
  }
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = headerBytes + shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    const problem = `${bytes.length} bytes instead of the ${expected} that the shape ${shape.join(" × ")} needs`;
    throw new DataError({ file, byteOffset: Math.min(bytes.length, expected), problem, remedy: REMEDY });
  }
  return { shape, data: bytes.subarray(headerBytes) };
}

/** How to read a data set of the MNIST family. */
export interface IdxOptions {
  /** @default "mnist" */
  readonly name?: string;
  /** @default 10 */
  readonly classes?: number;
}

/**
 * Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each plain or with `.gz`,
 * from a folder: MNIST, Fashion-MNIST, KMNIST and whoever keeps to these names.
 *
 * @throws {DataError} if a file is missing or corrupt, or images and labels do not belong together.
 */
export async function readIdx(folder: string, options: IdxOptions = {}): Promise<Dataset> {
  const { name = "mnist", classes = 10 } = options;
  const train = await readSplit(folder, "train", classes);
  const test = await readSplit(folder, "t10k", classes);
  if (train.height !== test.height || train.width !== test.width) {
    const problem = `test images of ${test.height} × ${test.width} and training images of ${train.height} × ${train.width}`;
    throw new DataError({ file: folder, problem, remedy: REMEDY });
  }
  return {
    name,
    inputShape: [train.height, train.width, 1],
    classes,
    train: train.split,
    test: test.split,
    flippable: false,
    checksum: checksumOf([train.split, test.split]),
  };
}

async function readSplit(folder: string, prefix: string, classes: number) {
  const images = await readTensor(join(folder, `${prefix}-images-idx3-ubyte`), 3);
  const labels = await readTensor(join(folder, `${prefix}-labels-idx1-ubyte`), 1);
  const [size, height, width] = images.tensor.shape;
  if (labels.tensor.shape[0] !== size) {
    const problem = `${labels.tensor.shape[0]} labels for ${size} images`;
    throw new DataError({ file: labels.file, byteOffset: 4, problem, remedy: REMEDY });
  }
  const wrong = labels.tensor.data.findIndex((label) => label >= classes);
  if (wrong >= 0) {
    const problem = `label ${labels.tensor.data[wrong]} is out of range: the classes are 0 to ${classes - 1}`;
    throw new DataError({ file: labels.file, byteOffset: 8 + wrong, problem, remedy: REMEDY });
  }
  const split: Split = { size, inputs: images.tensor.data, labels: labels.tensor.data };
  return { split, height, width };
}

async function readTensor(path: string, rank: number): Promise<{ file: string; tensor: IdxTensor }> {
  const { file, bytes } = await readMaybeCompressed(path);
  return { file, tensor: parseIdx(bytes, rank, file) };
}

async function readMaybeCompressed(path: string): Promise<{ file: string; bytes: Uint8Array }> {
  const plain = await readFile(path).catch(() => undefined);
  if (plain) return { file: path, bytes: plain };
  const file = `${path}.gz`;
  const compressed = await readFile(file).catch((cause: unknown) => {
    throw new DataError({ file: path, problem: "neither this file nor its .gz can be read", remedy: REMEDY, cause });
  });
  const bytes = await promisify(gunzip)(compressed).catch((cause: unknown) => {
    throw new DataError({ file, problem: "not a complete gzip file", remedy: REMEDY, cause });
  });
  return { file, bytes };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
