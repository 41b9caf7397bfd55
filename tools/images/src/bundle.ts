import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { filesPlugin } from "./files-plugin.ts";
import type { ImageSpec } from "./services.ts";

export const root: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Never installed with the suite; what asks for them goes on without. */
const absent = [
  "pg-native",
  "webgpu",
  "@tensorflow/tfjs-backend-webgpu",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-node-gpu",
];

/**
 * Bundles a service to one program, main.mjs, in `folder`, with one for each of its threads, one that asks services for their health (probe.mjs), the data
 * files that it reads, and the few packages that stay packages. The folder is all that the service needs besides Node.
 *
 * @returns the packages of which anything is in the folder, by their places in the lock file: `node_modules/pino`. Sorted.
 * @throws {Error} what the bundler finds wrong, unresolved imports among it.
 */
export async function bundle({ name, packages }: ImageSpec, folder: string): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { output } = await build({
    input: { main: join(root, "services", name, "src/main.ts"), probe: join(root, "tools/images/src/probe.ts") },
    platform: "node",
    logLevel: "warn",
    external: [...packages, ...absent],
    plugins: [filesPlugin(folder, root)],
    // What packages written for CommonJS expect to find.
    transform: { define: { __filename: "import.meta.filename", __dirname: "import.meta.dirname" } },
    output: {
      dir: folder,
      format: "esm",
      entryFileNames: "[name].mjs",
      chunkFileNames: "[name]-[hash].mjs",
    },
  });
  const copied = [...closure(packages)];
  for (const each of copied) copyPackage(each, join(folder, "node_modules", each));
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, string>;
  writeFileSync(
    join(folder, "package.json"),
    `${JSON.stringify({ name: `superbatch-${name}`, version, license, type: "module", private: true })}\n`,
  );
  const bundled = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : [])).flatMap(placeOf);
  return [...new Set([...copied.map((each) => `node_modules/${each}`), ...bundled])].sort();
}

/** Where the package of a module lies, if it is a package's. */
function placeOf(id: string): string[] {
  const place = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(relative(root, id.replace(/^\0/, "").replace(/\?.*$/, "")));
  return place ? [place[0]] : [];
}

/** Without what only developers read. */
function copyPackage(name: string, to: string): void {
  cpSync(packageFolder(name), to, { recursive: true, filter: (path) => !/\.(map|d\.[cm]?ts|tsx?|md)$/.test(path) });
}

/** The packages with all that they depend on. */
function closure(packages: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...packages];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    const { dependencies = {} } = JSON.parse(readFileSync(join(packageFolder(next), "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    // Types are for compilers.
    waiting.push(...Object.keys(dependencies).filter((each) => !each.startsWith("@types/")));
  }
  return found;
}

function packageFolder(name: string): string {
  const folder = join(root, "node_modules", name);
  if (!existsSync(folder)) throw new Error(`the package ${name} is not at the root of node_modules; run npm install`);
  return folder;
}
