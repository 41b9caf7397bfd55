// Where the packages of WebGPU lie.
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Where install.ts puts them: apart from the packages of the lock file, which npm would otherwise take them away with. */
export const installFolder = fileURLToPath(new URL("../../../../../.superbatch/webgpu/", import.meta.url));

/** URL of an installed package to import: this one's dependencies first, then install.ts' folder; undefined if it is in neither. */
export function locatePackage(name: string): string | undefined {
  for (const from of [import.meta.url, `${installFolder}package.json`]) {
    try {
      return pathToFileURL(createRequire(from).resolve(name)).href;
    } catch {
      // Not here: the next place, or none.
    }
  }
  return undefined;
}
