// Where TensorFlow's package for Node lies.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

/** Where install.ts puts it: apart from the packages of the lock file, which npm would otherwise take it away with. */
export const installFolder = fileURLToPath(new URL("../../../../../.superbatch/tensorflow/", import.meta.url));

export interface TensorflowPackage {
  readonly name: string;
  /** Loads it. @throws {Error} where its native library is missing. */
  load(): unknown;
}

/** An installed package: this one's dependencies first, then install.ts' folder. */
export function locateTensorflow(): TensorflowPackage | undefined {
  for (const from of [import.meta.url, `${installFolder}package.json`]) {
    const require = createRequire(from);
    for (const name of packages) {
      try {
        const path = require.resolve(name);
        return { name, load: () => require(path) };
      } catch {
        // Not here: the next place, or none.
      }
    }
  }
  return undefined;
}
