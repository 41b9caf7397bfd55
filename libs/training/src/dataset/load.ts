import { access } from "node:fs/promises";
import { join } from "node:path";
import { type CifarLayout, cifar10Layout, cifar100Layout, readCifar } from "./cifar.ts";
import { DataError } from "./data-error.ts";
import type { Dataset } from "./dataset.ts";
import { readDigits } from "./digits.ts";
import { type Archive, cifar10Archive, cifar100Archive, type DownloadOptions, downloadArchive } from "./download.ts";
import { readIdx } from "./idx.ts";

/** Data sets that can be loaded by name. */
export const datasetNames = ["digits", "cifar10", "cifar100", "mnist", "fashion_mnist"] as const;
export type DatasetName = (typeof datasetNames)[number];

/** Where data lie. `digits` needs none of it. */
export interface LoadOptions extends DownloadOptions {
  /**
   * Folder with the data set's files, or with the folder that its archive unpacks to (`cifar-10-batches-bin`, `cifar-100-binary`, `mnist`,
   * `fashion_mnist`). Services fill it from SUPERBATCH_DATA_DIR.
   */
  readonly dataDir?: string | undefined;
  /** Folder that keeps downloads. Absent: nothing is downloaded. */
  readonly cacheDir?: string | undefined;
}

/**
 * Reads a data set: from `dataDir` if its files are there, else from what an earlier download left in `cacheDir`, else by download.
 *
 * @throws {DataError} if it is nowhere, or corrupt.
 */
export async function loadDataset(name: DatasetName, options: LoadOptions = {}): Promise<Dataset> {
  switch (name) {
    case "digits":
      return readDigits();
    case "cifar10":
      return loadCifar(cifar10Layout, cifar10Archive, options);
    case "cifar100":
      return loadCifar(cifar100Layout, cifar100Archive, options);
    case "mnist":
    case "fashion_mnist": {
      const folder = await findFolder(options.dataDir, name, "train-images-idx3-ubyte", ".gz");
      if (folder) return readIdx(folder, { name });
      throw missing(
        name,
        options,
        "Download its four IDX files into a folder and name that folder by SUPERBATCH_DATA_DIR",
      );
    }
    default:
      throw new RangeError(`unknown data set ${name satisfies never}: it must be one of ${datasetNames.join(", ")}`);
  }
}

/** What can be said of a data set without reading it. */
export interface DatasetAvailability {
  readonly name: DatasetName;
  /** Whether {@link loadDataset} finds it; true also if it would download it first. */
  readonly available: boolean;
  /** Where it is; or where it was looked for, and what to do. */
  readonly detail: string;
  /** Examples of the training split as published. */
  readonly trainSize: number;
  readonly classes: number;
}

/** Looks for a data set's files, quickly. Whether they are sound is found when they are read. */
export async function findDataset(name: DatasetName, options: LoadOptions = {}): Promise<DatasetAvailability> {
  const { trainSize, classes, folder, probe, archive } = published[name];
  const facts = { name, trainSize, classes };
  if (probe === undefined) return { ...facts, available: true, detail: "comes with the trainer" };
  for (const parent of [options.dataDir, options.cacheDir]) {
    const found = await findFolder(parent, folder, probe, ".gz");
    if (found) return { ...facts, available: true, detail: found };
  }
  if (archive && options.cacheDir !== undefined) {
    return { ...facts, available: true, detail: `will be downloaded from ${archive.url}` };
  }
  const looked = options.dataDir ?? "no data folder was given";
  return {
    ...facts,
    available: false,
    detail: `not found (${looked}); name the folder of its files by SUPERBATCH_DATA_DIR`,
  };
}

interface PublishedFacts {
  readonly trainSize: number;
  readonly classes: number;
  readonly folder: string;
  /** A file that must be there; absent for data that come with the package. */
  readonly probe?: string;
  readonly archive?: Archive;
}

const idxFacts = { trainSize: 60_000, classes: 10, probe: "train-images-idx3-ubyte" };
const cifarFacts = (layout: CifarLayout, archive: Archive): PublishedFacts => ({
  trainSize: layout.trainFiles.length * layout.examplesPerFile.train,
  classes: layout.classes,
  folder: archive.folder,
  probe: layout.trainFiles[0],
  archive,
});
const published: Readonly<Record<DatasetName, PublishedFacts>> = {
  digits: { trainSize: 1438, classes: 10, folder: "" },
  cifar10: cifarFacts(cifar10Layout, cifar10Archive),
  cifar100: cifarFacts(cifar100Layout, cifar100Archive),
  mnist: { ...idxFacts, folder: "mnist" },
  fashion_mnist: { ...idxFacts, folder: "fashion_mnist" },
};

async function loadCifar(layout: CifarLayout, archive: Archive, options: LoadOptions): Promise<Dataset> {
  const probe = layout.trainFiles[0];
  for (const parent of [options.dataDir, options.cacheDir]) {
    const folder = await findFolder(parent, archive.folder, probe);
    if (folder) return readCifar(folder, layout);
  }
  if (options.cacheDir === undefined) {
    throw missing(
      layout.name,
      options,
      `Download ${archive.url}, unpack it, and name its folder by SUPERBATCH_DATA_DIR`,
    );
  }
  return readCifar(await downloadArchive(archive, options.cacheDir, options), layout);
}

/** `parent` itself or its subfolder `name`, whichever holds the file `probe` (or `probe` with `suffix`). */
async function findFolder(
  parent: string | undefined,
  name: string,
  probe: string,
  suffix = "",
): Promise<string | undefined> {
  if (parent === undefined) return undefined;
  for (const folder of [join(parent, name), parent]) {
    for (const file of [probe, probe + suffix]) {
      if (await isReadable(join(folder, file))) return folder;
    }
  }
  return undefined;
}

function isReadable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function missing(name: string, { dataDir }: LoadOptions, remedy: string): DataError {
  const problem = `${name} is not there`;
  return new DataError({ file: dataDir ?? "(no data folder given)", problem, remedy });
}
