import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CifarLayout, cifar10Layout, cifar100Layout, readCifar } from "./cifar.ts";
import { DataError } from "./data-error.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cifar-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The published layout with few records per file. */
function small(layout: CifarLayout): CifarLayout {
  return { ...layout, examplesPerFile: { train: 2, test: 1 } };
}

/** Records whose pixel p of plane k is (10 · number + 100 k + p) mod 256. */
function records(layout: CifarLayout, labels: number[]): Uint8Array {
  const size = layout.labelBytes + 3072;
  const bytes = new Uint8Array(labels.length * size);
  for (const [i, label] of labels.entries()) {
    bytes[i * size + layout.labelBytes - 1] = label;
    for (let j = 0; j < 3072; j++)
      bytes[i * size + layout.labelBytes + j] = 10 * i + 100 * Math.floor(j / 1024) + (j % 1024);
  }
  return bytes;
}

async function writeAll(layout: CifarLayout): Promise<void> {
  for (const name of layout.trainFiles) await writeFile(join(folder, name), records(layout, [3, 9]));
  for (const name of layout.testFiles) await writeFile(join(folder, name), records(layout, [7]));
}

describe.each([cifar10Layout, cifar100Layout])("$name", (full) => {
  const layout = small(full);

  it("reads labels and interleaves the planes", async () => {
    await writeAll(layout);
    const { train, test, inputShape, classes } = await readCifar(folder, layout);
    expect(train.size).toBe(2 * layout.trainFiles.length);
    expect([...train.labels.slice(0, 2), test.labels[0]]).toEqual([3, 9, 7]);
    expect([inputShape, classes]).toEqual([[32, 32, 3], full.classes]);
    // Pixel 1 of the second record: 10 + 1 in each plane, plus 100 per plane.
    expect([...train.inputs.slice(3072 + 3, 3072 + 6)]).toEqual([11, 111, 211]);
  });

  it("gives equal data equal checksums, and others others", async () => {
    await writeAll(layout);
    const first = await readCifar(folder, layout);
    expect((await readCifar(folder, layout)).checksum).toBe(first.checksum);
    await writeFile(join(folder, layout.testFiles[0]), records(layout, [8]));
    expect((await readCifar(folder, layout)).checksum).not.toBe(first.checksum);
  });

  it("refuses a short file at the byte where it ends", async () => {
    await writeAll(layout);
    const file = join(folder, layout.testFiles[0]);
    await writeFile(file, records(layout, [7]).subarray(0, 1000));
    const error = await readCifar(folder, layout).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ file, byteOffset: 1000 });
    expect((error as Error).message).toMatch(/ends early.*Download/s);
  });

  it("refuses a label out of range at its byte", async () => {
    await writeAll(layout);
    const file = join(folder, layout.trainFiles[0]);
    await writeFile(file, records(layout, [0, layout.classes]));
    const byteOffset = layout.labelBytes + 3072 + layout.labelBytes - 1;
    await expect(readCifar(folder, layout)).rejects.toMatchObject({ file, byteOffset });
  });

  it("names a missing file", async () => {
    await expect(readCifar(folder, layout)).rejects.toMatchObject({ file: join(folder, layout.trainFiles[0]) });
  });
});
