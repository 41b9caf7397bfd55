import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type optimizer, pointFromProto } from "@superbatch/contracts";
import type { OptimizerClient } from "../context.ts";
import { type AttemptResult, createAttemptRecord, resultOf } from "./attempt-record.ts";
import { deliver } from "./deliver.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createMetricsFile } from "./metrics-file.ts";
import { type AttemptFiles, attemptEnvironment, fillTemplate } from "./parameters.ts";
import { startProgram } from "./program.ts";

export interface AttemptOptions {
  readonly client: OptimizerClient;
  readonly study: optimizer.Study;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for the files of this study's attempts. */
  readonly workDir: string;
  /** Exit status by which the program says that the point cannot be evaluated. */
  readonly infeasibleCode: number;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly graceSeconds: number;
  /** Aborted when the command line shall end: the trial is given back. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/** How often the metrics file is looked at, milliseconds. */
const lookMilliseconds = 250;

/**
 * Evaluates one leased trial:
 * 1. writes its parameters, starts the program, 2. carries what it reports to the optimizer with heartbeats, and stops it when told to,
 * 3. brings the result back. The program ends with the lease at the latest.
 *
 * @throws {Error} if the program cannot be started at all; the trial is then given back.
 */
export async function runAttempt(lease: optimizer.TrialLease, options: AttemptOptions): Promise<AttemptResult> {
  const { client, study, signal } = options;
  const trial = lease.trial!;
  const files = prepareFiles(options.workDir, trial);
  const point = pointFromProto(trial.parameters);
  const facts = {
    parameters_file: files.parameters,
    metrics_file: files.metrics,
    trial: String(trial.number),
    seed: String(lease.seed),
  };
  const names = study.spec!.space!.parameters.map(({ name }) => name);
  const program = startProgram({
    command: fillTemplate(options.command, names, point, facts),
    env: { ...options.env, ...attemptEnvironment(lease, study.name, files) },
    logFile: files.log,
    graceSeconds: options.graceSeconds,
  });
  const record = createAttemptRecord(study.spec!.costUnit === "seconds");
  const metrics = createMetricsFile(files.metrics);
  const heartbeat = createHeartbeat(client, lease);
  let ended = false;
  const end = program.ended.finally(() => {
    ended = true;
  });
  end.catch(() => {});
  try {
    while (!ended) {
      record.addFrom(metrics, false);
      const command = await heartbeat.beat(record);
      if (command !== "continue") record.stop(command);
      if (signal.aborted) record.stop("return");
      if (record.stopped || record.mistake !== undefined) program.stop();
      await Promise.race([end.catch(() => {}), sleep(lookMilliseconds)]);
    }
  } catch (error) {
    program.stop();
    await end.catch(() => {});
    throw error;
  }
  try {
    const how = await end;
    record.addFrom(metrics, true);
    const logTail = tail(files.log);
    const result = resultOf(record, how, { metric: lease.metric, infeasibleCode: options.infeasibleCode, logTail });
    if (result.kind !== "cancelled") await heartbeat.flush(record);
    return await deliver(client, lease, result, options.note);
  } catch (error) {
    await deliver(client, lease, { kind: "returned", reason: "the program could not be started" }, options.note);
    throw error;
  }
}

function prepareFiles(workDir: string, trial: optimizer.Trial): AttemptFiles {
  const folder = join(workDir, String(trial.number), String(trial.attempts));
  mkdirSync(folder, { recursive: true });
  const files = {
    parameters: join(folder, "parameters.json"),
    metrics: join(folder, "metrics.jsonl"),
    log: join(folder, "output.log"),
  };
  writeFileSync(files.parameters, `${JSON.stringify(pointFromProto(trial.parameters), null, 2)}\n`);
  writeFileSync(files.metrics, "");
  return files;
}

/** The last lines that the program printed. */
function tail(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-5).join("\n").slice(-1000);
}
