import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Path of a program that build.sh makes. */
export const binary = (name: string): string => join(root, ".superbatch/observability", name);

export interface Program {
  /** Name of its binary. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers with 2xx when the program is ready. */
  readonly readyUrl: string;
  /** For its log. */
  readonly folder: string;
}

/** Starts a program and waits until it is ready. It ends with its scope. @throws {Error} with the end of its log if it ends before. */
export async function startProgram({ name, args, env, readyUrl, folder }: Program): Promise<AsyncDisposable> {
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, "a");
  const child = spawn(binary(name), args, { env: { ...process.env, ...env }, stdio: ["ignore", log, log] });
  closeSync(log);
  let failed: unknown;
  child.once("error", (error) => {
    failed = error;
  });
  const ready = await poll(60, async () => {
    if (failed || child.exitCode !== null) return false;
    return (await fetch(readyUrl)).ok || undefined;
  });
  if (!ready) {
    const end = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-12).join("\n");
    throw new Error(`${name} did not become ready ${failed ?? ""}\n${end}`);
  }
  return { [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(force);
}

/** Asks until there is an answer other than undefined; what is thrown counts as none. @returns undefined if there is none in time. */
export async function poll<T>(seconds: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const end = performance.now() + 1000 * seconds; ; await sleep(200)) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch {
      // Not there yet.
    }
    if (performance.now() > end) return undefined;
  }
}
