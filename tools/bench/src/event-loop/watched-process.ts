import { spawn } from "node:child_process";
import { once } from "node:events";
import { type RunningProcess, ready, sourceFile } from "../sampler/processes.ts";

/** How late timers of one millisecond were, in milliseconds: how long the event loop was busy with one thing, and how long the machine let it wait. */
export interface Delays {
  readonly p99: number;
  readonly max: number;
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
