/**
 * Installs the two packages of the backend `webgpu`: Dawn (npm package `webgpu`) and TensorFlow.js' WebGPU backend, about 200 MB. Needs npm.
 *
 *     node libs/training/src/backend/webgpu/install.ts
 *
 * All goes into .superbatch/webgpu, where the backend looks; remove that folder to uninstall.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installFolder } from "./locate.ts";

const packages = ["webgpu@0.6.2", "@tensorflow/tfjs-backend-webgpu@4.22.0"];

mkdirSync(installFolder, { recursive: true });
writeFileSync(join(installFolder, "package.json"), `${JSON.stringify({ private: true })}\n`);
console.error(`installing ${packages.join(", ")}`);
const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", ...packages];
const { status, error, stdout, stderr } = spawnSync("npm", args, { cwd: installFolder, encoding: "utf8" });
if (status !== 0) {
  console.error(stdout ?? "", stderr ?? "", error?.message ?? "");
  process.exit(1);
}
console.error("WebGPU is installed; use --backend webgpu");
