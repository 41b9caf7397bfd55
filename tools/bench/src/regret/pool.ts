import { Worker } from "node:worker_threads";
import type { StudyTask } from "./worker.ts";

/**
 * Runs studies on so many threads.
 *
 * @param done - told of each study as it ends.
 * @returns regrets per task, in the order of the tasks.
 */
export async function runStudies(
  tasks: readonly StudyTask[],
  threads: number,
  done: (task: StudyTask, regrets: readonly number[]) => void,
): Promise<number[][]> {
  const results: number[][] = [];
  let next = 0;
  async function work(): Promise<void> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    try {
      while (next < tasks.length) {
        const index = next++;
        const task = tasks[index]!;
        results[index] = await new Promise<number[]>((resolve, reject) => {
          worker.once("message", resolve);
          worker.once("error", reject);
          worker.postMessage(task);
        });
        worker.removeAllListeners("message");
        worker.removeAllListeners("error");
        done(task, results[index]);
      }
    } finally {
      await worker.terminate();
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work));
  return results;
}
