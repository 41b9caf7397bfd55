/**
 * Installs TensorFlow for the backend `tensorflow` where the vendor's download of tfjs-node cannot be reached: the library of the Python package
 * tensorflow-cpu, with tfjs-node's two source files compiled against it. Needs npm, python3 with pip and venv, and g++; about a minute.
 *
 *     node libs/training/src/backend/tensorflow/install.ts
 *
 * All goes into .superbatch/tensorflow, where the backend looks; remove that folder to uninstall.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { installFolder } from "./locate.ts";

const tfjsNode = "@tensorflow/tfjs-node@4.22.0";
const tensorflow = "tensorflow-cpu==2.21.0";

function run(message: string, command: string, ...args: string[]): void {
  console.error(message);
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: installFolder, encoding: "utf8" });
  if (status === 0) return;
  console.error(stdout ?? "", stderr ?? "", error?.message ?? "");
  console.error(`failed: ${command} ${args.join(" ")}`);
  process.exit(1);
}

/** Node's headers: those of the running binary, or the system's; Node-API is the same in all versions. */
function nodeHeaders(): string {
  const own = dirname(dirname(process.execPath));
  // The npm package `node` keeps them in the package of the platform.
  const bases = [own, join(own, "node_modules", `node-${process.platform}-${process.arch}`), "/usr", "/usr/local"];
  const places = bases.map((base) => join(base, "include", "node"));
  const found = places.find((place) => existsSync(join(place, "node_api.h")));
  if (found !== undefined) return found;
  console.error(`Node's headers (node_api.h) are in none of ${places.join(", ")}; install them (Debian: libnode-dev)`);
  process.exit(1);
}

const headers = nodeHeaders();
mkdirSync(installFolder, { recursive: true });
writeFileSync(join(installFolder, "package.json"), `${JSON.stringify({ private: true })}\n`);
run(`installing ${tfjsNode}`, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", tfjsNode);
run(
  `downloading ${tensorflow}`,
  "python3",
  "-m",
  "pip",
  "download",
  "--quiet",
  "--no-deps",
  "--dest",
  "wheel",
  tensorflow,
);
const wheel = readdirSync(join(installFolder, "wheel")).find((file) => file.endsWith(".whl"));
run("unpacking it", "python3", "-m", "zipfile", "-e", join("wheel", String(wheel)), "wheel");

const addon = join(installFolder, "node_modules", "@tensorflow", "tfjs-node");
const library = join(installFolder, "wheel", "tensorflow");
mkdirSync(join(addon, "lib", "napi-v8"), { recursive: true });
run(
  "compiling the addon",
  "g++",
  ...["-O2", "-std=c++17", "-fPIC", "-shared", "-DNAPI_VERSION=8", "-DBUILDING_NODE_EXTENSION"],
  ...["-I", headers, "-I", join(library, "include"), "-I", addon],
  ...["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join(addon, "binding", file)),
  ...["-o", join(addon, "lib", "napi-v8", "tfjs_binding.node")],
  ...["-L", library, "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2", `-Wl,-rpath,${library}`],
);
console.error("TensorFlow is installed; use --backend tensorflow");
