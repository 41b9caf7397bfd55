import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A service in a process of its own. */
export interface SpawnedService {
  readonly process: ChildProcess;
  /** Where it listens, from its line on stdout. */
  readonly address: string;
  /** All that it wrote to stderr so far. */
  readonly stderr: () => string;
  /** Sends a signal and waits for the end. @returns the exit code, or null if a signal ended it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface SpawnOptions {
  /** Flags; `--listen 127.0.0.1:0` is added. */
  readonly flags?: readonly string[];
  /** Added to a bare environment (PATH only), so that a test does not depend on the machine's. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a service's main.ts with the Node that runs the test, and waits until it is ready.
 *
 * @throws {Error} with what it wrote to stderr if it ends before.
 */
export async function spawnService(main: URL, { flags = [], env = {} }: SpawnOptions = {}): Promise<SpawnedService> {
  const args = [fileURLToPath(main), "--listen", "127.0.0.1:0", ...flags];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  const ready = (async () => {
    for await (const line of createInterface(child.stdout)) return JSON.parse(line) as { address: string };
    await ended;
    throw new Error(`the service ended with ${child.exitCode}: ${stderr}`);
  })();
  const { address } = await ready;
  return {
    process: child,
    address,
    stderr: () => stderr,
    async end(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}
