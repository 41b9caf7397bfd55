import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { createRng } from "@superbatch/random";
import { checksumOf } from "./checksum.ts";
import { DataError } from "./data-error.ts";
import type { Dataset } from "./dataset.ts";
import { stratifiedSplit, takeExamples } from "./subset.ts";

const SIDE = 8;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
/** Pixels count the set bits of a 4 × 4 block. */
const MAX_PIXEL = 16;
const TEST_SHARE = 0.2;
const REMEDY = "Restore libs/training/data/digits.csv.gz from the repository";

/** The copy that comes with this package. */
export const digitsFile: string = fileURLToPath(new URL("../../data/digits.csv.gz", import.meta.url));

/**
 * Optical recognition of handwritten digits [Alpaydin and Kaynak 1998, UCI; CC BY 4.0]: 1,797 images of 8 × 8 pixels in 0 … 16. One fifth of each
 * class is the test split, drawn once with a fixed seed: the split is the same in every process.
 *
 * @throws {DataError} if the file is not the one that belongs to this package.
 */
export async function readDigits(file: string = digitsFile): Promise<Dataset> {
  const compressed = await readFile(file).catch((cause: unknown) => {
    throw new DataError({ file, problem: "the file cannot be read", remedy: REMEDY, cause });
  });
  const text = await promisify(gunzip)(compressed).catch((cause: unknown) => {
    throw new DataError({ file, problem: "not a complete gzip file", remedy: REMEDY, cause });
  });
  const all = parseDigits(text.toString("latin1"), file);
  const [test, train] = stratifiedSplit(all, TEST_SHARE, CLASSES, createRng("digits"));
  const splits = { train: takeExamples(all, train, PIXELS), test: takeExamples(all, test, PIXELS) };
  return {
    name: "digits",
    inputShape: [SIDE, SIDE, 1],
    classes: CLASSES,
    ...splits,
    flippable: false,
    checksum: checksumOf([splits.train, splits.test]),
  };
}

/** One image per line: 64 pixels and the class, separated by commas. */
function parseDigits(text: string, file: string) {
  const lines = text.trimEnd().split("\n");
  const size = lines.length;
  const inputs = new Uint8Array(size * PIXELS);
  const labels = new Uint8Array(size);
  let byteOffset = 0;
  for (const [i, line] of lines.entries()) {
    const values = line.split(",").map(Number);
    const pixels = values.slice(0, PIXELS);
    const label = values[PIXELS];
    const valid =
      values.length === PIXELS + 1 &&
      pixels.every((v) => isIntegerUpTo(v, MAX_PIXEL)) &&
      isIntegerUpTo(label, CLASSES - 1);
    if (!valid) {
      const problem = `line ${i + 1} is not 64 pixels of 0 to ${MAX_PIXEL} and a class of 0 to ${CLASSES - 1}`;
      throw new DataError({ file, byteOffset, problem, remedy: REMEDY });
    }
    inputs.set(pixels, i * PIXELS);
    labels[i] = label;
    byteOffset += line.length + 1;
  }
  return { size, inputs, labels };
}

function isIntegerUpTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
