import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface RunningProcess {
  readonly address: string;
  stop(): void;
}

/** Starts a program that prints `{"address": …}` on its first line when it is ready. @param path - below the repository's root */
export async function startProcess(path: string, args: readonly string[] = []): Promise<RunningProcess> {
  const program = fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const { address } = JSON.parse(line) as { address: string };
  return { address, stop: () => child.kill("SIGKILL") };
}
