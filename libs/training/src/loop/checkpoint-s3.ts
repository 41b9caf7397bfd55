import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import type { CheckpointStore } from "./checkpoint.ts";

/** The client's package, loaded at the first use: only who keeps checkpoints in a bucket needs it. */
type S3 = typeof import("@aws-sdk/client-s3");

/** A bucket of an object store that speaks S3. */
export interface Bucket {
  readonly bucket: string;
  /** Prepended to names: empty, or ending in a slash. */
  readonly prefix: string;
}

/**
 * The bucket that a path `s3://bucket/prefix` names.
 *
 * @throws {RangeError} if it names none.
 */
export function bucketOf(path: string): Bucket {
  const [, bucket, prefix = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(path) ?? [];
  if (bucket === undefined)
    throw new RangeError(`${path} is no path of a bucket: it must be s3://BUCKET or s3://BUCKET/PREFIX`);
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

/**
 * Checkpoints as objects in a bucket. Endpoint, region and credentials come from where the AWS SDK looks for them: the variables AWS_ENDPOINT_URL_S3,
 * AWS_REGION, AWS_ACCESS_KEY_ID and so on, its configuration files, or the role of the machine. An upload becomes visible as a whole or not at all.
 *
 * @returns the store of a run, by its name: any text. @throws {Error} in each call, if the package @aws-sdk/client-s3 is missing or the store refuses.
 */
export function checkpointsInBucket({ bucket, prefix }: Bucket): (run: string) => CheckpointStore {
  let opened: Promise<{ s3: S3; client: S3Client }> | undefined;
  const open = () => {
    opened ??= connect();
    return opened;
  };
  return (run) => {
    const Key = `${prefix}${createHash("sha256").update(run).digest("hex").slice(0, 32)}.checkpoint`;
    const at = { Bucket: bucket, Key };
    return {
      async load() {
        const { s3, client } = await open();
        try {
          const { Body } = await client.send(new s3.GetObjectCommand(at));
          return await Body!.transformToByteArray();
        } catch (error) {
          if (error instanceof s3.NoSuchKey) return undefined;
          throw error;
        }
      },
      async save(bytes) {
        const { s3, client } = await open();
        await client.send(new s3.PutObjectCommand({ ...at, Body: bytes, ContentLength: bytes.length }));
      },
      async remove() {
        const { s3, client } = await open();
        await client.send(new s3.DeleteObjectCommand(at));
      },
    };
  };
}

async function connect(): Promise<{ s3: S3; client: S3Client }> {
  const s3 = await import("@aws-sdk/client-s3").catch((cause: unknown) => {
    const remedy = "run `npm install @aws-sdk/client-s3`, or keep checkpoints in a folder";
    throw new Error(`checkpoints in a bucket need the package @aws-sdk/client-s3: ${remedy}`, { cause });
  });
  const client = new s3.S3Client({
    // Stores that are not Amazon's know neither buckets as host names nor its newer checksums.
    forcePathStyle: process.env.AWS_ENDPOINT_URL_S3 !== undefined || process.env.AWS_ENDPOINT_URL !== undefined,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return { s3, client };
}
