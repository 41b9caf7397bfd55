import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "@superbatch/launcher";
import { anyLines } from "./guide.ts";

export interface Services {
  readonly address: string;
  stop(): Promise<void>;
}

const main = (service: string) => new URL(`../../../../services/${service}/src/main.ts`, import.meta.url);

/** An optimizer over a surrogate model, without trainers. */
export async function startServices(folder: string): Promise<Services> {
  const start = (name: string, args: readonly string[]) =>
    startChild({
      name,
      main: main(name),
      args: ["--listen", "127.0.0.1:0", ...args],
      logFile: join(folder, `${name}.log`),
    });
  const surrogate = start("surrogate-model", []);
  const store = `sqlite:${join(folder, "store.sqlite")}`;
  const optimizer = start("optimizer", ["--store", store, "--surrogate-address", await surrogate.ready]);
  return {
    address: await optimizer.ready,
    async stop() {
      await optimizer.stop(10);
      await surrogate.stop(10);
    },
  };
}

const bin = fileURLToPath(new URL("../../bin/", import.meta.url));

/**
 * Runs a line in a shell in which `superbatch` is this command line.
 *
 * @param until - when its output matches, it is interrupted as by Ctrl-C
 * @returns standard output and error as they came
 */
export function superbatch(
  line: string,
  { folder, address, until }: { folder: string; address: string; until?: RegExp | undefined },
): Promise<{ output: string; code: number }> {
  return new Promise((resolve, reject) => {
    const program = line.replace(/^superbatch/, `exec ${process.execPath} ${bin}superbatch.mjs`);
    const child = spawn("sh", ["-c", program], {
      cwd: folder,
      env: { ...process.env, SUPERBATCH_ADDRESS: address, XDG_CONFIG_HOME: folder, NO_COLOR: "1", COLUMNS: "100" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => {
        output += bytes.toString();
        if (until?.test(output)) child.kill("SIGINT");
      });
    child.once("error", reject);
    child.once("close", (code) => resolve({ output, code: until ? 0 : (code ?? 1) }));
  });
}

/** Lines without what differs from run to run: addresses, ids, times, folders. */
export function normalize(output: string): string[] {
  return output
    .trimEnd()
    .split("\n")
    .map((line) =>
      line
        .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:7601")
        .replaceAll(/--lease \S+/g, "--lease LEASE")
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-01-01T00:00:00.000Z")
        .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "2026-01-01 00:00")
        .replaceAll(/\b[0-9a-f]{32}\b/g, "0123456789abcdef0123456789abcdef")
        .replaceAll(/\/\S*\/superbatch-cli-\w+/g, "/home/me")
        .replaceAll(/\(\d+ kB\)/g, "(100 kB)")
        .replaceAll(/, in \d+ \w+$/g, ", in 2 s")
        .replaceAll(/the [\d.]+ seconds of/g, "the 30 seconds of")
        .replaceAll(/no trainer has held a trial for \d+ minutes/g, "no trainer has held a trial for 5 minutes")
        .trimEnd(),
    );
}

/** Whether the lines are as expected; … alone in a line stands for any lines. */
export function matches(expected: readonly string[], lines: readonly string[]): boolean {
  const at = expected.indexOf(anyLines);
  if (at < 0) return expected.join("\n") === lines.join("\n");
  const tail = expected.slice(at + 1);
  return (
    lines.length >= expected.length - 1 &&
    expected.slice(0, at).join("\n") === lines.slice(0, at).join("\n") &&
    tail.join("\n") === lines.slice(lines.length - tail.length).join("\n")
  );
}
