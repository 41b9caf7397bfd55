import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface RunningProcess {
  readonly address: string;
  stop(): void;
}

/** Starts a program that prints `{"address": …}` on its first line when it is ready. @param path - below the repository's root */
export function startProcess(path: string, args: readonly string[] = []): Promise<RunningProcess> {
  const program = fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
  return startCommand(process.execPath, [program, ...args]);
}

/** The same for any command. @param env - added to this process' @throws {Error} if it ends before it is ready. */
export async function startCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${command} ${args.join(" ")} ended with ${code} before it was ready`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
  ended.catch(() => {});
  const { address } = JSON.parse(line) as { address: string };
  return { address, stop: () => child.kill("SIGKILL") };
}
