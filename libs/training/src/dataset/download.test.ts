import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Archive, downloadArchive } from "./download.ts";

let folder: string;
let bytes: Buffer;
let archive: Archive;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "download-"));
  await mkdir(join(folder, "source", "data"), { recursive: true });
  await writeFile(join(folder, "source", "data", "file.bin"), "content");
  await create({ gzip: true, file: join(folder, "a.tar.gz"), cwd: join(folder, "source") }, ["data"]);
  bytes = await readFile(join(folder, "a.tar.gz"));
  const md5 = createHash("md5").update(bytes).digest("hex");
  archive = { url: "https://data.example/a.tar.gz", md5, folder: "data" };
});
afterEach(() => rm(folder, { recursive: true }));

const answering =
  (body: Buffer | string, status = 200) =>
  async () =>
    new Response(new Uint8Array(Buffer.from(body)), { status });

describe("downloadArchive", () => {
  it("unpacks the archive and leaves nothing else behind", async () => {
    const cache = join(folder, "cache");
    const found = await downloadArchive(archive, cache, { fetch: answering(bytes) });
    expect(await readFile(join(found, "file.bin"), "utf8")).toBe("content");
    expect(await readdir(cache)).toEqual(["data"]);
  });

  it("lets processes that download at the same time all succeed", async () => {
    const cache = join(folder, "cache");
    const both = [1, 2].map(() => downloadArchive(archive, cache, { fetch: answering(bytes) }));
    expect(await Promise.all(both)).toEqual([join(cache, "data"), join(cache, "data")]);
  });

  it.each([
    ["another file", () => answering("a proxy's page"), /MD5 of what came is .* instead of/],
    ["an error page", () => answering("", 404), /answered 404.*SUPERBATCH_DATA_DIR/],
    [
      "no network",
      () => () => Promise.reject(new TypeError("fetch failed")),
      /the download failed.*SUPERBATCH_DATA_DIR/,
    ],
  ])("refuses %s with a remedy, and leaves nothing behind", async (_, fetch, message) => {
    const cache = join(folder, "cache");
    await expect(downloadArchive(archive, cache, { fetch: fetch() })).rejects.toThrow(message);
    expect(await readdir(cache)).toEqual([]);
  });
});
