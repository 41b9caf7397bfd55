import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RunningProcess } from "../sampler/processes.ts";

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
  const file = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const program = [file(`../../../../${path}`), ...args];
  const child = spawn(process.execPath, [`--import=${file("./watch.ts")}`, ...program], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const [line] = await once(createInterface({ input: child.stdout! }), "line");
  const { address } = JSON.parse(line) as { address: string };
  return {
    address,
    stop: () => child.kill("SIGKILL"),
    async delays() {
      child.send("delays");
      const [answer] = await once(child, "message");
      return answer as Delays;
    },
  };
}
