import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SoakOptions } from "./options.ts";
import { assignTrainers, soakStudies } from "./studies.ts";
import type { TrainerProcessConfig } from "./trainer-main.ts";

/** Processes of trainers; one that is killed is followed by another with other names. */
export interface Fleet {
  readonly size: number;
  /** SIGKILL to the process of that index, and a new one in its place. Nothing if its trainers have finished. */
  kill(index: number): void;
  /** Resolves when the trainers of all processes have finished. */
  readonly finished: Promise<void>;
  stop(): void;
}

const program = fileURLToPath(new URL("./trainer-main.ts", import.meta.url));

/** @param folder - where journals and logs go. */
export function startFleet(options: SoakOptions, address: string, folder: string): Fleet {
  const { trainers, processes, workSeconds, seed } = options;
  const studies = assignTrainers(soakStudies(options), trainers);
  const log = openSync(join(folder, "trainers.log"), "a");
  const running = new Map<number, ChildProcess>();
  let stopped = false;

  function start(index: number, life: number): void {
    const name = `p${index}-${life}`;
    const config: TrainerProcessConfig = {
      name,
      address,
      journal: join(folder, `${name}.jsonl`),
      studies: studies.filter((_, i) => i % processes === index),
      workSeconds,
      seed: seed + 1_000 * index + 100_000 * life,
    };
    const child = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: ["ignore", log, log, "ipc"] });
    running.set(index, child);
    child.once("exit", (code) => {
      if (code === 0 || stopped) running.delete(index);
      else start(index, life + 1);
    });
  }

  async function allFinished(): Promise<void> {
    while (running.size > 0) await once([...running.values()][0]!, "exit");
  }

  for (let index = 0; index < processes; index++) start(index, 0);
  return {
    size: processes,
    kill(index) {
      running.get(index)?.kill("SIGKILL");
    },
    finished: allFinished(),
    stop() {
      stopped = true;
      for (const child of running.values()) child.kill("SIGKILL");
    },
  };
}
