import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface RunningProcess {
  readonly address: string;
  stop(): void;
}

/** @param path - below the repository's root */
export function sourceFile(path: string): string {
  return fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
}

/** Starts a program that prints `{"address": …}` on its first line when it is ready. @param path - below the repository's root */
export function startProcess(path: string, args: readonly string[] = []): Promise<RunningProcess> {
  return startCommand(process.execPath, [sourceFile(path), ...args]);
}

/** The same for any command. @param env - added to this process' @throws {Error} if it ends before it is ready. */
export function startCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  return ready(spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } }));
}

/** Waits for a process' first line. @throws {Error} if it ends before. */
export async function ready(child: ChildProcess): Promise<RunningProcess> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${child.spawnargs.join(" ")} ended with ${code} before it was ready`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout! }), "line"), ended]);
  ended.catch(() => {});
  const { address } = JSON.parse(line) as { address: string };
  return { address, stop: () => void child.kill("SIGKILL") };
}
