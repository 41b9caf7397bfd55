import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkBoundaries, importsOf, type Project } from "./boundaries.ts";

/** `npm run lint`: formatter and linter, types, contracts, module boundaries of the nx graph, and the length of files. */
const root = new URL("../../../", import.meta.url).pathname;
const longest = 500;

interface Graph {
  graph: { nodes: Record<string, { data: { root: string; tags?: string[] } }> };
}

function projects(): Project[] {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-lint-"));
  const file = join(folder, "graph.json");
  try {
    execFileSync("nx", ["graph", `--file=${file}`], {
      cwd: root,
      env: { ...process.env, NX_DAEMON: "false" },
      stdio: "pipe",
    });
    const { nodes } = (JSON.parse(readFileSync(file, "utf8")) as Graph).graph;
    return Object.entries(nodes).map(([name, { data }]) => {
      const layer = (data.tags ?? []).find((tag) => tag.startsWith("layer:"))?.slice("layer:".length) ?? "";
      const manifest = JSON.parse(readFileSync(join(root, data.root, "package.json"), "utf8")) as Record<
        string,
        object
      >;
      const kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
      const declared = new Set(kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {})));
      const imports = sources(`${data.root}/src/**/*.ts`).flatMap((path) =>
        importsOf(readFileSync(join(root, path), "utf8")).map((specifier) => ({ file: path, specifier })),
      );
      return { name, layer, root: data.root, declared, imports };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sources(pattern: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (path) => /node_modules|generated|\.superbatch/.test(path) }).sort();
}

function tool(name: string, command: string, args: string[]): boolean {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  return report(name, status === 0 ? [] : [`${command} ${args.join(" ")} failed`]);
}

function report(name: string, problems: readonly string[]): boolean {
  console.log(problems.length === 0 ? `ok      ${name}` : `FAILED  ${name}`);
  for (const problem of problems) console.log(`  ${problem}`);
  return problems.length === 0;
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { devDependencies: object };
const tooLong = sources("{libs,services,tools,clients/typescript}/**/*.ts")
  .map((path) => [path, readFileSync(join(root, path), "utf8").split("\n").length] as const)
  .filter(([, lines]) => lines > longest)
  .map(([path, lines]) => `${path}: ${lines} lines; at most ${longest}. Which noun in it deserves a file of its own?`);

const ok = [
  tool("format and lint", "biome", ["check"]),
  tool("types", "tsc", ["-p", "."]),
  tool("contracts", "buf", ["lint"]),
  tool("contracts against the released ones", "buf", ["breaking", "--against", "proto/released.binpb"]),
  report("module boundaries", checkBoundaries(projects(), new Set(Object.keys(manifest.devDependencies)))),
  report("file length", tooLong),
];
process.exitCode = ok.every(Boolean) ? 0 : 1;
