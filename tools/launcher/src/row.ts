import { optimizer, valueFromProto } from "@superbatch/contracts";

/** A completed or failed trial as the launcher shows and stores it. */
export interface Row {
  readonly trial: number;
  readonly state: string;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  /** The metric's value; absent without a result. */
  readonly value?: number;
  /** Its other metrics; empty without a result. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly cost: {
    readonly total: number;
    readonly scoring: number;
    readonly gradient: number;
    readonly evaluation: number;
    readonly data: number;
  };
  /** Share of gradient steps that were importance-sampled, 0 to 1. */
  readonly importanceShare?: number;
  readonly origin: string;
  readonly attempts: number;
  readonly worker: string;
  readonly traceparent: string;
  readonly reason: string;
}

export function rowOf(trial: optimizer.Trial): Row {
  const entries = Object.entries(trial.parameters).map(([name, value]) => [name, valueFromProto(value)!] as const);
  const cost = trial.cost ?? { total: 0, scoring: 0, gradient: 0, evaluation: 0, data: 0 };
  const share = trial.measurement?.metrics.importance_share;
  return {
    trial: trial.number,
    state: word(trial.state, "TRIAL_STATE_"),
    parameters: Object.fromEntries(entries),
    ...(trial.measurement && { value: trial.measurement.value }),
    metrics: { ...trial.measurement?.metrics },
    cost: {
      total: cost.total,
      scoring: cost.scoring,
      gradient: cost.gradient,
      evaluation: cost.evaluation,
      data: cost.data,
    },
    ...(share !== undefined && { importanceShare: share }),
    origin: word(trial.explanation?.origin ?? optimizer.Origin.UNSPECIFIED, "ORIGIN_"),
    attempts: trial.attempts,
    worker: trial.worker,
    traceparent: trial.traceparent,
    reason: trial.reason,
  };
}

/** Numbers as people read them: four significant digits, no trailing zeros. */
export function short(value: number | string | boolean): string {
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(3)));
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** An enum value as a word: `TRIAL_STATE_COMPLETED` is completed. */
function word(value: string, prefix: string): string {
  return value.replace(prefix, "").toLowerCase();
}
