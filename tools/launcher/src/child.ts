import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A running service or trainer. */
export interface Child {
  readonly name: string;
  readonly pid: number | undefined;
  /** File that holds what it logged. */
  readonly logFile: string;
  /** Address from its ready line, `HOST:PORT`. Rejects, with the end of its log, if it ends first. */
  readonly ready: Promise<string>;
  /** Settles when the process has ended: its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** SIGTERM, and SIGKILL after `graceSeconds`. Idempotent; resolves when the process has ended. */
  stop(graceSeconds: number): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  /** The TypeScript file to run. */
  readonly main: URL;
  readonly args: readonly string[];
  /** Options of Node itself. @default none */
  readonly nodeArgs?: readonly string[];
  readonly logFile: string;
}

/** Starts a process that logs to a file and says on standard output when it is ready, and where. */
export function startChild({ name, main, args, nodeArgs = [], logFile }: ChildOptions): Child {
  const log = openSync(logFile, "a");
  const preload = fileURLToPath(new URL("./exit-with-parent.ts", import.meta.url));
  const child = spawn(process.execPath, [...nodeArgs, "--import", preload, fileURLToPath(main), ...args], {
    stdio: ["ignore", "pipe", log, "ipc"],
    // In a terminal, Ctrl-C reaches the whole foreground group; a session of its own leaves it to the launcher to stop the processes in order.
    detached: process.stdin.isTTY === true,
  });
  closeSync(log);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 1));
  });
  return {
    name,
    pid: child.pid,
    logFile,
    ended,
    ready: Promise.race([
      readyAddress(child),
      ended.then((code) => {
        throw new Error(`${name} ended with ${code} before it was ready. The end of ${logFile}:\n${tail(logFile, 12)}`);
      }),
    ]),
    stop: (graceSeconds) => stop(child, ended, graceSeconds),
  };
}

/** The address in the process' ready line, `{"ready":"optimizer","address":"127.0.0.1:7601"}`. */
function readyAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: child.stdout! });
    lines.on("line", (line) => {
      try {
        const message = JSON.parse(line) as { ready?: string; address?: string };
        if (message.ready !== undefined) resolve(message.address ?? "");
      } catch {
        // Anything else that a library prints is of no interest here.
      }
    });
  });
}

function tail(file: string, lines: number): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

async function stop(child: ChildProcess, ended: Promise<unknown>, graceSeconds: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), graceSeconds * 1000);
  await ended;
  clearTimeout(force);
}
