// Writes package-lock.json anew, complete for every platform: `node tools/complete-lock.mjs`. Needed after a change of dependencies.
//
// npm leaves a platform's optional package (a native binary of the formatter, nx or buf) out of the lock if the registry that it was
// written with lacks it, and `npm ci` then refuses the lock everywhere. Their versions are pinned by the packages that name them, so the missing
// entries can be filled in; npm reads the rest from the registry at hand.
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "superbatch-lock-"));
try {
  // In a folder without node_modules: npm otherwise copies what happens to be installed. The old lock keeps versions where they still fit.
  for (const file of [
    "package.json",
    "package-lock.json",
    ...globSync("{libs,services,tools,clients}/*/package.json", { cwd: root }),
  ]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  const args = ["install", "--package-lock-only", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  const added = complete(lock.packages);
  writeFileSync(join(root, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
  console.log(
    `package-lock.json: ${Object.keys(lock.packages).length} packages, ${added} of them filled in for other platforms`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

/** Adds an entry for each pinned optional dependency that has none. @returns how many */
function complete(packages) {
  const missing = Object.values(packages)
    .flatMap((entry) => Object.entries(entry.optionalDependencies ?? {}))
    .filter(([name, version]) => /^\d+\.\d+\.\d+$/.test(version) && !packages[`node_modules/${name}`]);
  for (const [name, version] of missing)
    packages[`node_modules/${name}`] = { version, optional: true, ...platformOf(name) };
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  for (const [path, entry] of sorted) {
    delete packages[path];
    packages[path] = entry;
  }
  return missing.length;
}

/** os, cpu and libc from a name such as cli-linux-arm64-musl. */
function platformOf(name) {
  const [, os, cpu, abi] = /-(android|darwin|linux|win32|freebsd)-(arm64|armv7|arm|x64)(?:-(\w+))?$/.exec(name) ?? [];
  if (!os) return {};
  return { cpu: [cpu === "armv7" ? "arm" : cpu], os: [os], ...(abi === "musl" && { libc: ["musl"] }) };
}
