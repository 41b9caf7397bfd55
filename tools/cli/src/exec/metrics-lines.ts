import { costPhases } from "@superbatch/contracts";

/** A cost as a program reports it: its total, or its phases with or without one. */
export interface ReportedCost {
  readonly total: number;
  readonly scoring: number;
  readonly gradient: number;
  readonly evaluation: number;
  readonly data: number;
}

/** One line of a metrics file: `{"step": 10, "validation_error": 0.2, "cost": 3.5}`. */
export interface MetricsLine {
  /** Of the learning curve; absent: the values are the result. */
  readonly step?: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** What the attempt has cost so far. */
  readonly cost?: ReportedCost;
  /** Why the point cannot be evaluated. */
  readonly infeasible?: string;
}

/** @throws {RangeError} that says what is wrong with the line. */
export function parseMetricsLine(text: string): MetricsLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError(`not JSON: ${shorten(text)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new RangeError(`not a JSON object: ${shorten(text)}`);
  const { step, cost, infeasible, ...metrics } = value as Record<string, unknown>;
  if (step !== undefined && !(Number.isSafeInteger(step) && (step as number) >= 0))
    throw new RangeError(`step must be a whole number of at least 0, not ${JSON.stringify(step)}`);
  if (infeasible !== undefined && typeof infeasible !== "string")
    throw new RangeError("infeasible must say why, in words");
  for (const [name, number] of Object.entries(metrics))
    if (typeof number !== "number" || !Number.isFinite(number))
      throw new RangeError(`${name} must be a finite number, not ${JSON.stringify(number)}`);
  return {
    metrics: metrics as Record<string, number>,
    ...(step !== undefined && { step: step as number }),
    ...(cost !== undefined && { cost: parseCost(cost) }),
    ...(infeasible !== undefined && { infeasible }),
  };
}

function parseCost(cost: unknown): ReportedCost {
  const given: Record<string, unknown> =
    typeof cost === "number" ? { total: cost } : ((cost ?? {}) as Record<string, unknown>);
  const known = ["total", ...costPhases] as const;
  for (const [name, value] of Object.entries(given))
    if (
      !(known as readonly string[]).includes(name) ||
      typeof value !== "number" ||
      !(value >= 0 && value < Number.POSITIVE_INFINITY)
    )
      throw new RangeError(
        `cost must be a number of at least 0, or an object of ${known.join(", ")}, not ${JSON.stringify(cost)}`,
      );
  const part = (name: string) => (given[name] as number | undefined) ?? 0;
  const sum = costPhases.reduce((total, phase) => total + part(phase), 0);
  return {
    total: Math.max(part("total"), sum),
    scoring: part("scoring"),
    gradient: part("gradient"),
    evaluation: part("evaluation"),
    data: part("data"),
  };
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
