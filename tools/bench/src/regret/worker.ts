import { parentPort } from "node:worker_threads";
import { methods } from "./methods.ts";
import { problems } from "./problems.ts";
import { runStudy, type StudyOutcome } from "./study.ts";

/** One study, by names: what crosses between threads. */
export interface StudyTask {
  readonly problem: string;
  readonly method: string;
  readonly seed: number;
}

export type StudyAnswer = (StudyOutcome & { readonly seconds: number }) | { readonly error: string };

parentPort?.on("message", async (task: StudyTask) => {
  const problem = problems.find(({ name }) => name === task.problem)!;
  const search = methods.find(({ name }) => name === task.method)!.start(problem, task.seed);
  const start = performance.now();
  try {
    const outcome = await runStudy(problem, search);
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    parentPort!.postMessage({ ...outcome, seconds } satisfies StudyAnswer);
  } catch (error) {
    parentPort!.postMessage({ error: String(error) } satisfies StudyAnswer);
  } finally {
    search.close();
  }
});
