import { spawn } from "node:child_process";
import { once } from "node:events";
import { type RunningProcess, ready, sourceFile } from "../sampler/processes.ts";

/** Of timers of one millisecond, in milliseconds. */
export interface Delays {
  /** How late they were: how long the event loop was busy, and how long the machine let it wait. */
  readonly p99: number;
  readonly max: number;
  /** The most processor time that the loop's thread took between two of them, whatever else the machine did: how long it was busy at most. */
  readonly busiest: number;
}

export interface WatchedProcess extends RunningProcess {
  /** Since the last call. */
  delays(): Promise<Delays>;
}

/** As `startProcess`, with an eye on its event loop. @param path - below the repository's root */
export async function startWatched(path: string, args: readonly string[] = []): Promise<WatchedProcess> {
  const watch = `--import=${sourceFile("tools/bench/src/event-loop/watch.ts")}`;
  const child = spawn(process.execPath, [watch, sourceFile(path), ...args], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  return {
    ...(await ready(child)),
    async delays() {
      child.send("delays");
      const [answer] = await once(child, "message");
      return answer as Delays;
    },
  };
}
