import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findDataset, loadDataset } from "./load.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("findDataset", () => {
  it("needs no folder for digits", async () => {
    expect(await findDataset("digits")).toMatchObject({ available: true, classes: 10, trainSize: 1438 });
  });

  it("finds files in the folder itself and in the archive's folder below it", async () => {
    const inner = join(folder, "cifar-10-batches-bin");
    await mkdir(inner);
    await writeFile(join(inner, "data_batch_1.bin"), "");
    expect(await findDataset("cifar10", { dataDir: folder })).toMatchObject({ available: true, detail: inner });
    expect(await findDataset("cifar10", { dataDir: inner })).toMatchObject({ available: true, detail: inner });
  });

  it("says what to do where there is nothing", async () => {
    const missing = await findDataset("mnist", { dataDir: folder });
    expect(missing.available).toBe(false);
    expect(missing.detail).toContain("SUPERBATCH_DATA_DIR");
  });

  it("counts on a download only with a folder to keep it", async () => {
    expect(await findDataset("cifar100", { cacheDir: folder })).toMatchObject({ available: true });
    expect(await findDataset("cifar100", {})).toMatchObject({ available: false });
  });
});

describe("loadDataset", () => {
  it("reads what comes with the package", async () => {
    expect((await loadDataset("digits")).name).toBe("digits");
  });

  it("does not touch the network without a folder for downloads", async () => {
    const fetch = () => Promise.reject(new Error("the network was used"));
    await expect(loadDataset("cifar10", { dataDir: folder, fetch })).rejects.toThrow(/cifar10 is not there.*Download/);
  });

  it("reports corrupt files that it finds instead of downloading", async () => {
    await writeFile(join(folder, "train.bin"), "short");
    await expect(loadDataset("cifar100", { dataDir: folder, cacheDir: folder })).rejects.toMatchObject({
      byteOffset: 5,
    });
  });
});
