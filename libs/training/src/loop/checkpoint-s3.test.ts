// Against a real S3 server on the loopback interface.
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { checkpointsAt } from "./checkpoint-place.ts";
import { bucketOf } from "./checkpoint-s3.ts";

let folder: string;
let server: S3rver;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "s3-"));
  server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory: folder,
    configureBuckets: [{ name: "trials", configs: [] }],
  });
  const { port } = (await server.run()) as unknown as AddressInfo;
  vi.stubEnv("AWS_ENDPOINT_URL_S3", `http://127.0.0.1:${port}`);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "S3RVER");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "S3RVER");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(folder, { recursive: true });
});

describe("checkpoints in a bucket", { timeout: 60_000 }, () => {
  it("keeps the last one of each run", async () => {
    const stores = checkpointsAt("s3://trials/some/prefix/");
    const [one, two] = [stores("projects/p/studies/s/trials/1"), stores("projects/p/studies/s/trials/2")];
    expect(await one.load()).toBeUndefined();
    const large = Uint8Array.from({ length: 3_000_001 }, (_, i) => i % 251);
    await one.save(Uint8Array.of(1));
    await one.save(large);
    await two.save(Uint8Array.of(3));
    expect(Buffer.compare((await one.load())!, large)).toBe(0);
    expect([...(await two.load())!]).toEqual([3]);
    // Another trainer finds them by path and name.
    expect([...(await checkpointsAt("s3://trials/some/prefix")("projects/p/studies/s/trials/2").load())!]).toEqual([3]);
    expect(await checkpointsAt("s3://trials/other")("projects/p/studies/s/trials/2").load()).toBeUndefined();
    await one.remove();
    await one.remove();
    expect(await one.load()).toBeUndefined();
    expect([...(await two.load())!]).toEqual([3]);
  });

  it("says so if the bucket is not there", async () => {
    const store = checkpointsAt("s3://nowhere")("run");
    await expect(store.load()).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(store.save(Uint8Array.of(1))).rejects.toMatchObject({ name: "NoSuchBucket" });
  });
});

it("paths name a bucket and a prefix", () => {
  expect(bucketOf("s3://trials")).toEqual({ bucket: "trials", prefix: "" });
  expect(bucketOf("s3://trials/")).toEqual({ bucket: "trials", prefix: "" });
  expect(bucketOf("s3://my.trials-1/a/b/")).toEqual({ bucket: "my.trials-1", prefix: "a/b/" });
  for (const wrong of ["s3://", "s3://x", "s3:/trials", "s3://Trials", "s3:///a"])
    expect(() => checkpointsAt(wrong)).toThrow(/s3:\/\/BUCKET/);
});
