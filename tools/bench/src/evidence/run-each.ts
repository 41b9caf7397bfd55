import type { AlgorithmSpec } from "@superbatch/optimizer/suggest";
import type { RecordedProblem } from "../recorded/problem.ts";
import { type Services, startServices } from "../surrogates/services.ts";
import type { Method } from "./methods.ts";
import { installPeer, openPeerTuner } from "./peer-tuner.ts";
import { openServiceTuner, surrogateName } from "./service-tuner.ts";
import type { Tuner } from "./tuner.ts";

/** A study to run. */
export interface StudyTask {
  readonly method: Method;
  readonly seed: number;
}

export interface RunLimits {
  /** No study is begun later. @default no limit */
  readonly minutes?: number;
  log(line: string): void;
}

/**
 * Runs studies one after the other on services that are started for them, and logs what each came to.
 *
 * @param run - runs one and keeps it; returns what it came to, in a few words
 */
export async function runEach(
  tasks: readonly StudyTask[],
  { minutes = Number.POSITIVE_INFINITY, log }: RunLimits,
  run: (services: Services, task: StudyTask) => Promise<string>,
): Promise<void> {
  if (tasks.length === 0) return;
  for (const search of new Set(tasks.map(({ method }) => method.search))) if (isPeer(search)) installPeer(search, log);
  const until = performance.now() + 60_000 * minutes;
  const services = await startServices([surrogateName], log);
  try {
    for (const [i, task] of tasks.entries()) {
      if (performance.now() > until) break;
      const started = performance.now();
      const result = await run(services, task);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      log(`${i + 1}/${tasks.length} ${task.method.name}, seed ${task.seed}: ${seconds} s, ${result}`);
    }
  } finally {
    services.stop();
  }
}

/** @param problem - whose hyperparameters and fidelities are tuned */
export function openTuner(
  { client }: Services,
  problem: RecordedProblem,
  method: Method,
  seed: number,
  workers: number,
): Tuner | Promise<Tuner> {
  const { search } = method;
  if (isPeer(search)) return openPeerTuner(problem, search, seed);
  return openServiceTuner(client, problem, { ...method, search }, seed, workers);
}

function isPeer(search: Method["search"]): search is Exclude<Method["search"], AlgorithmSpec> {
  return search.kind === "optuna" || search.kind === "botorch";
}
