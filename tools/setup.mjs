// Brings a fresh clone to where everything runs: installs the locked packages (the pinned Node among them), then generates
// what is not in the repository (protobuf code, WebAssembly). Plain JavaScript, since the host's Node (20 or newer) runs it.
// Silent and fast (well under a second) when there is nothing to do.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, "node_modules", ".superbatch");
const bin = join(root, "node_modules", ".bin");

/** Files below the given paths, sorted, so that the same tree always gives the same hash. */
function files(paths) {
  return paths
    .map((path) => join(root, path))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        : [path],
    )
    .sort();
}

function hash(paths) {
  const digest = createHash("sha256");
  for (const file of files(paths)) digest.update(file.slice(root.length)).update("\0").update(readFileSync(file));
  return digest.digest("hex");
}

/** Runs `action` unless it already ran on the same inputs and its outputs are still there. */
function once(name, inputs, outputs, action) {
  const stamp = join(stamps, name);
  const wanted = hash(inputs);
  const done = existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (done && outputs.every((path) => existsSync(join(root, path)))) return;
  action();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, wanted);
}

function run(message, command, args, env = {}) {
  console.error(`[setup] ${message}`);
  const path = `${bin}${delimiter}${process.env.PATH}`;
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: path, NX_DAEMON: "false", NX_TUI: "false", ...env },
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (result.status === 0) return;
  console.error(result.stdout, result.stderr);
  console.error(`[setup] failed: ${command} ${args.join(" ")}`);
  process.exit(1);
}

// A fresh clone gets exactly the lock; an older one is brought up to it in place, which is faster and leaves running processes their files.
const fresh = !existsSync(join(root, "node_modules"));
const install = fresh ? ["ci"] : ["install", "--no-save"];
once("install", ["package.json", "package-lock.json"], ["node_modules/.bin/node"], () =>
  run("installing packages", "npm", [...install, "--no-audit", "--no-fund", "--loglevel=error"]),
);
once(
  "generate",
  [
    "proto",
    "buf.gen.yaml",
    "package-lock.json",
    "libs/linalg/assembly",
    "libs/training/assembly",
    "services/katib-suggestion/proto",
  ],
  [
    "libs/contracts/src/generated",
    "libs/linalg/build",
    "libs/training/build",
    "services/katib-suggestion/src/generated",
  ],
  () =>
    run("generating code", "nx", [
      "run-many",
      "-t",
      "generate",
      "--exclude",
      "@superbatch/dashboard",
      "--outputStyle=static",
    ]),
);
// By itself, since it changes more often and is built in a second or two.
once(
  "dashboard",
  ["services/dashboard/web", "services/dashboard/package.json", "libs/figures/src", "package-lock.json"],
  ["services/dashboard/build/web/index.html"],
  () =>
    run("building the dashboard's page", "npm", [
      "run",
      "--silent",
      "generate",
      "--workspace",
      "@superbatch/dashboard",
    ]),
);

// `node tools/setup.mjs FILE ARGS…` then runs FILE with the pinned Node. A shell would go on with the Node that it found first, since it remembers
// where a command lies.
const [file, ...args] = process.argv.slice(2);
if (file !== undefined) {
  const child = spawn(join(bin, process.platform === "win32" ? "node.cmd" : "node"), [join(root, file), ...args], {
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    shell: process.platform === "win32",
    stdio: "inherit",
  });
  // A terminal's Ctrl-C reaches the child by itself; it decides when to end.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
