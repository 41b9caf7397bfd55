import type { optimizer } from "@superbatch/contracts";
import type { MetricsFile } from "./metrics-file.ts";
import type { ReportedCost } from "./metrics-lines.ts";
import type { ProgramEnd } from "./program.ts";

/** Why a program was stopped before it ended by itself. */
export type StopCause = "stop-early" | "cancel" | "return";

/** How an attempt ended. */
export type AttemptResult =
  | { readonly kind: "completed"; readonly measurement: optimizer.Measurement; readonly stoppedEarly: boolean }
  | { readonly kind: "failed" | "infeasible"; readonly reason: string; readonly cost?: ReportedCost }
  | { readonly kind: "returned"; readonly reason: string; readonly cost?: ReportedCost }
  /** The optimizer wants no result. */
  | { readonly kind: "cancelled" };

/** What an attempt has reported so far. */
export interface AttemptRecord {
  /** The last value of each metric. */
  readonly latest: Readonly<Record<string, number>>;
  /** Points of the learning curve that have not been taken yet, by step. */
  takePoints(): optimizer.ProgressPoint[];
  /** What was reported last, else the seconds since the attempt began if the study counts seconds. */
  readonly cost: ReportedCost | undefined;
  readonly infeasible: string | undefined;
  /** What was wrong with the metrics file. */
  readonly mistake: string | undefined;
  /** The first cause counts, but for a cancellation, which comes before all others. */
  readonly stopped: StopCause | undefined;
  stop(cause: StopCause): void;
  addFrom(file: MetricsFile, ended: boolean): void;
}

/** @param countsSeconds - whether the study's unit of cost is seconds, which are then measured here. */
export function createAttemptRecord(countsSeconds: boolean): AttemptRecord {
  const started = performance.now();
  const latest: Record<string, number> = {};
  let points = new Map<number, optimizer.ProgressPoint>();
  let reported: ReportedCost | undefined;
  let infeasible: string | undefined;
  let mistake: string | undefined;
  let stopped: StopCause | undefined;
  return {
    latest,
    takePoints() {
      const taken = [...points.values()].sort((a, b) => a.step - b.step);
      points = new Map();
      return taken;
    },
    get cost() {
      if (reported || !countsSeconds) return reported;
      return { total: (performance.now() - started) / 1000, scoring: 0, gradient: 0, evaluation: 0, data: 0 };
    },
    get infeasible() {
      return infeasible;
    },
    get mistake() {
      return mistake;
    },
    get stopped() {
      return stopped;
    },
    stop(cause) {
      if (stopped === undefined || cause === "cancel") stopped = cause;
    },
    addFrom(file, ended) {
      if (mistake !== undefined) return;
      try {
        for (const line of file.read(ended)) {
          Object.assign(latest, line.metrics);
          reported = line.cost ?? reported;
          infeasible = line.infeasible ?? infeasible;
          if (line.step === undefined) continue;
          const metrics = { ...points.get(line.step)?.metrics, ...line.metrics };
          points.set(line.step, { step: line.step, metrics, cost: line.cost ?? this.cost, time: undefined });
        }
      } catch (error) {
        mistake = (error as Error).message;
      }
    },
  };
}

/** What an attempt that has ended brings. */
export function resultOf(
  { latest, cost, infeasible, mistake, stopped }: AttemptRecord,
  { code, signal }: ProgramEnd,
  {
    metric,
    infeasibleCode,
    logTail,
  }: { readonly metric: string; readonly infeasibleCode: number; readonly logTail: string },
): AttemptResult {
  const spent = cost && { cost };
  if (stopped === "cancel") return { kind: "cancelled" };
  if (stopped === "return") return { kind: "returned", reason: "the worker is shutting down", ...spent };
  if (infeasible !== undefined) return { kind: "infeasible", reason: infeasible, ...spent };
  if (mistake !== undefined) return { kind: "failed", reason: mistake, ...spent };
  const how = signal === undefined ? `exit status ${code}` : signal;
  const said = logTail === "" ? "" : `\n${logTail}`;
  if (stopped === undefined && code === infeasibleCode)
    return { kind: "infeasible", reason: `the program ended with ${how}${said}`, ...spent };
  if (stopped === undefined && code !== 0)
    return { kind: "failed", reason: `the program ended with ${how}${said}`, ...spent };
  const value = latest[metric];
  if (value === undefined) {
    const reason = `the program ended without reporting ${metric}; it reported ${Object.keys(latest).join(", ") || "nothing"}${said}`;
    return { kind: "failed", reason, ...spent };
  }
  if (!cost)
    return { kind: "failed", reason: "the study does not count cost in seconds, and the program reported no cost" };
  // A cost of 0 is not allowed; a program that is done at once still took its start.
  const measured = { ...cost, total: Math.max(cost.total, 1e-6) };
  const measurement = { value, metrics: { ...latest }, cost: measured, priorCost: 0 };
  return { kind: "completed", measurement, stoppedEarly: stopped === "stop-early" };
}
