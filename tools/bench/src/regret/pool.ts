import { Worker } from "node:worker_threads";
import type { StudyAnswer, StudyTask } from "./worker.ts";

/**
 * Runs studies on so many threads, in the order of the tasks.
 *
 * @param done - told of each study as it ends
 * @throws what a study threw, naming it; the others are then given up
 */
export async function runStudies(
  tasks: readonly StudyTask[],
  threads: number,
  done: (task: StudyTask, answer: Exclude<StudyAnswer, { error: string }>) => void,
): Promise<void> {
  let next = 0;
  async function work(): Promise<void> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    try {
      while (next < tasks.length) {
        const task = tasks[next++]!;
        const answer = await ask(worker, task);
        if ("error" in answer) throw new Error(`${task.method} on ${task.problem}, seed ${task.seed}: ${answer.error}`);
        done(task, answer);
      }
    } finally {
      await worker.terminate();
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work));
}

async function ask(worker: Worker, task: StudyTask): Promise<StudyAnswer> {
  try {
    return await new Promise<StudyAnswer>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.postMessage(task);
    });
  } finally {
    worker.removeAllListeners("message");
    worker.removeAllListeners("error");
  }
}
