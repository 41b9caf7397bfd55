import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CheckpointStore } from "./checkpoint.ts";

/**
 * Checkpoints as files in a folder, which trainers of several machines may share.
 *
 * @param run - name of the run, such as its trial's; any text.
 */
export function checkpointInFolder(folder: string, run: string): CheckpointStore {
  const name = createHash("sha256").update(run).digest("hex").slice(0, 32);
  const file = join(folder, `${name}.checkpoint`);
  return {
    async load() {
      try {
        return await readFile(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async save(bytes) {
      await mkdir(folder, { recursive: true });
      const part = join(folder, `.${name}-${randomUUID()}`);
      const handle = await open(part, "w");
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, file);
    },
    remove: () => rm(file, { force: true }),
  };
}
