import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";

/** A running program, in a process group of its own. */
export interface RunningProgram {
  /** How it ended; rejects if it could not be started. */
  readonly ended: Promise<ProgramEnd>;
  /** SIGTERM to the whole group, SIGKILL after the grace. Idempotent. */
  stop(): void;
}

export interface ProgramEnd {
  /** Exit status, absent if a signal ended it. */
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
}

export interface ProgramOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File that gets what it prints. */
  readonly logFile: string;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly graceSeconds: number;
}

export function startProgram({ command, env, logFile, graceSeconds }: ProgramOptions): RunningProgram {
  const [file, ...args] = command;
  const log = openSync(logFile, "a");
  const child = spawn(file!, args, { env: { ...env }, stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  const guard = child.pid === undefined ? undefined : startGuard(child.pid, graceSeconds);
  let force: NodeJS.Timeout | undefined;
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      guard?.kill("SIGKILL");
      clearTimeout(force);
      // What it left behind in the background has no trial any more.
      signalGroup(child, "SIGKILL");
      resolve({ ...(code !== null && { code }), ...(signal !== null && { signal }) });
    });
  });
  return {
    ended,
    stop() {
      if (force) return;
      signalGroup(child, "SIGTERM");
      force = setTimeout(() => signalGroup(child, "SIGKILL"), graceSeconds * 1000);
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/**
 * Ends the program if this process dies, however it dies: the trial's lease expires then, another worker takes the trial over, and the
 * program would work for nobody. The guard waits on a pipe that closes with this process.
 */
function startGuard(pid: number, graceSeconds: number): ChildProcess | undefined {
  if (process.platform === "win32") return undefined;
  const script = 'read -r _; kill -TERM "-$1"; sleep "$2"; kill -KILL "-$1"';
  const guard = spawn("sh", ["-c", script, "guard", String(pid), String(graceSeconds)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  guard.unref();
  return guard;
}
