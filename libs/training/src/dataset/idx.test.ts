import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseIdx, readIdx } from "./idx.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "idx-"));
});
afterEach(() => rm(folder, { recursive: true }));

function idx(shape: number[], data: number[], type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  for (const [i, size] of shape.entries()) new DataView(bytes.buffer).setUint32(4 + 4 * i, size);
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

async function writeAll(labels = [1, 2]): Promise<void> {
  await writeFile(join(folder, "train-images-idx3-ubyte"), idx([2, 2, 1], [10, 20, 30, 40]));
  await writeFile(join(folder, "train-labels-idx1-ubyte.gz"), gzipSync(idx([labels.length], labels)));
  await writeFile(join(folder, "t10k-images-idx3-ubyte.gz"), gzipSync(idx([1, 2, 1], [5, 6])));
  await writeFile(join(folder, "t10k-labels-idx1-ubyte"), idx([1], [9]));
}

describe("readIdx", () => {
  it("reads plain and compressed files", async () => {
    await writeAll();
    const { train, test, inputShape } = await readIdx(folder);
    expect(inputShape).toEqual([2, 1, 1]);
    expect([[...train.inputs], [...train.labels]]).toEqual([
      [10, 20, 30, 40],
      [1, 2],
    ]);
    expect([...test.labels]).toEqual([9]);
  });

  it("refuses labels that do not belong to the images", async () => {
    await writeAll([1, 2, 3]);
    await expect(readIdx(folder)).rejects.toMatchObject({
      byteOffset: 4,
      message: expect.stringContaining("3 labels for 2"),
    });
  });

  it("refuses a label out of range at its byte", async () => {
    await writeAll([1, 10]);
    await expect(readIdx(folder)).rejects.toMatchObject({ byteOffset: 9 });
  });

  it("refuses what is not gzip", async () => {
    await writeAll();
    await writeFile(join(folder, "t10k-images-idx3-ubyte.gz"), "<html>not found</html>");
    await expect(readIdx(folder)).rejects.toThrow(/t10k-images-idx3-ubyte.gz: not a complete gzip file/);
  });
});

describe("parseIdx", () => {
  it.each([
    ["a short header", idx([2], [1, 2]).subarray(0, 6), 6],
    ["another type than unsigned bytes", idx([2], [1, 2], 13), 0],
    ["another rank", idx([1, 2], [1, 2]), 0],
    ["missing data", idx([3], [1, 2]), 10],
    ["data left over", idx([1], [1, 2]), 9],
  ])("refuses %s with its byte offset", (_, bytes, byteOffset) => {
    expect(() => parseIdx(bytes, 1, "some-file")).toThrow(expect.objectContaining({ file: "some-file", byteOffset }));
  });
});
