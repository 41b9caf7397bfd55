import type { CheckpointStore } from "./checkpoint.ts";
import { checkpointInFolder } from "./checkpoint-folder.ts";
import { bucketOf, checkpointsInBucket } from "./checkpoint-s3.ts";

/**
 * Where checkpoints are kept.
 *
 * @param path - a folder, or `s3://BUCKET/PREFIX`: a bucket of any object store that speaks S3. Trainers that share it take over each other's runs.
 * @returns the store of a run, by its name: any text. @throws {RangeError} if the path is wrong.
 */
export function checkpointsAt(path: string): (run: string) => CheckpointStore {
  if (path.startsWith("s3:")) return checkpointsInBucket(bucketOf(path));
  return (run) => checkpointInFolder(path, run);
}
