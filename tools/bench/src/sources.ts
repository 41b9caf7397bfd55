import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * A digest of settings and, without their tests, of all TypeScript sources in folders: what a record depends on.
 *
 * @param folders - below the repository's root
 * @returns 12 hexadecimal digits
 */
export function digestOfSources(settings: unknown, folders: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  if (folders.length > 0) hash.update(sources(folders));
  return hash.digest("hex").slice(0, 12);
}

const known = new Map<string, string>();

function sources(folders: readonly string[]): string {
  const key = folders.join();
  const before = known.get(key);
  if (before) return before;
  const files = folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: repository }))
    .filter((file) => !/\.test\.ts$|\/testing\b/.test(file))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(repository, file)));
  const digest = hash.digest("hex");
  known.set(key, digest);
  return digest;
}
