import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar";
import { DataError } from "./data-error.ts";

/** A published archive of a data set. */
export interface Archive {
  readonly url: string;
  /** MD5 as the data set's page publishes it, hexadecimal. */
  readonly md5: string;
  /** The folder in the archive that holds the data. */
  readonly folder: string;
}

export const cifar10Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
  md5: "c32a1d4ab5d03f1284b67883e8d87530",
  folder: "cifar-10-batches-bin",
};

export const cifar100Archive: Archive = {
  url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
  md5: "03b5dce01913d631647c71ecec9e9cb8",
  folder: "cifar-100-binary",
};

/** What a download may replace, and when it must stop. */
export interface DownloadOptions {
  readonly signal?: AbortSignal;
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Downloads an archive, compares its checksum, and unpacks it under `cacheDir`. The folder appears complete or not at all (it is renamed into place),
 * so processes that download at the same time do not disturb one another.
 *
 * @returns the folder that holds the data.
 * @throws {DataError} if the archive cannot be had or is not the published one.
 */
export async function downloadArchive(
  archive: Archive,
  cacheDir: string,
  options: DownloadOptions = {},
): Promise<string> {
  const destination = join(cacheDir, archive.folder);
  const work = join(cacheDir, `.download-${randomUUID()}`);
  await mkdir(work, { recursive: true });
  try {
    const file = join(work, "archive.tar.gz");
    await fetchTo(file, archive, options);
    const md5 = await md5Of(file);
    if (md5 !== archive.md5) {
      const problem = `the MD5 of what came is ${md5} instead of ${archive.md5}`;
      throw new DataError({ file: archive.url, problem, remedy: "Try again; a proxy may have answered in its place" });
    }
    await extract({ file, cwd: work });
    await rename(join(work, archive.folder), destination).catch((error: NodeJS.ErrnoException) => {
      // Another process was first: its folder is as good as ours.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    return destination;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchTo(file: string, { url }: Archive, options: DownloadOptions): Promise<void> {
  const fetch = options.fetch ?? globalThis.fetch;
  const remedy =
    "Check the connection, or download it elsewhere, unpack it, and name its folder by SUPERBATCH_DATA_DIR";
  try {
    const response = await fetch(url, options.signal ? { signal: options.signal } : {});
    if (!response.ok || !response.body) {
      throw new DataError({
        file: url,
        problem: `the server answered ${response.status} ${response.statusText}`,
        remedy,
      });
    }
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  } catch (cause) {
    if (cause instanceof DataError || options.signal?.aborted) throw cause;
    throw new DataError({ file: url, problem: "the download failed", remedy, cause });
  }
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash("md5");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
