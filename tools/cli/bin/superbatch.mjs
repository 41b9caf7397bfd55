#!/usr/bin/env node
// The command line. Plain JavaScript, since whatever Node is found first runs it: the right one runs the sources directly; an older one, or a
// clone in which nothing has been generated yet, goes by way of the repository's set-up, which installs the pinned Node.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const isRightNode = Number(process.versions.node.split(".")[0]) >= 24;

if (isRightNode && existsSync(path("../../../libs/contracts/src/generated"))) {
  await import("../src/main.ts");
} else {
  const args = [path("../../setup.mjs"), "tools/cli/src/main.ts", ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  process.exit(status ?? 1);
}
