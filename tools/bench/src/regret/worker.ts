import { parentPort } from "node:worker_threads";
import { methods } from "./methods.ts";
import { problems } from "./problems.ts";
import { runStudy } from "./study.ts";

/** One study, by names: what crosses between threads. */
export interface StudyTask {
  readonly problem: string;
  readonly method: string;
  readonly seed: number;
  readonly budgets: readonly number[];
}

parentPort?.on("message", async ({ problem, method, seed, budgets }: StudyTask) => {
  const found = problems.find(({ name }) => name === problem);
  const how = methods.find(({ name }) => name === method);
  if (!found || !how) throw new RangeError(`no problem ${problem} or no method ${method}`);
  parentPort?.postMessage(await runStudy(found, how, seed, budgets));
});
