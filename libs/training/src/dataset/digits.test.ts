import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { readDigits } from "./digits.ts";

it("splits the 1,797 digits the same way in every process", async () => {
  const { train, test, inputShape, checksum } = await readDigits();
  expect([train.size, test.size, inputShape]).toEqual([1438, 359, [8, 8, 1]]);
  expect(Math.max(...train.inputs)).toBe(16);
  expect(checksum).toMatchInlineSnapshot(`"f0bd28e7736b5c0afd2ab42fd1ad45834e39e1298da674cb8dfc8675be2810f8"`);
});

it("puts one fifth of each class into the test split", async () => {
  const { train, test } = await readDigits();
  for (let digit = 0; digit < 10; digit++) {
    const tested = test.labels.filter((label) => label === digit).length;
    const all = tested + train.labels.filter((label) => label === digit).length;
    expect(Math.abs(tested - all / 5)).toBeLessThan(1);
  }
});

it("refuses a damaged line with its byte offset", async () => {
  const folder = await mkdtemp(join(tmpdir(), "digits-"));
  const line = `${Array(64).fill(16).join(",")},3`;
  const file = join(folder, "digits.csv.gz");
  await writeFile(file, gzipSync([line, line.replace("16", "17"), line].join("\n")));
  await expect(readDigits(file)).rejects.toMatchObject({ file, byteOffset: line.length + 1 });
  await rm(folder, { recursive: true });
});
