import { type common, type optimizer, parseStudyName, parseTrialName, pointFromProto } from "@superbatch/contracts";
import { type FieldViolation, invalidArgument } from "@superbatch/rpc";
import type { Point } from "@superbatch/search-space";
import { type Cost, type Measurement, noCost, type ProgressPoint } from "@superbatch/store";

/** Largest number of metrics in one measurement or point of a learning curve. */
const metricsLimit = 1000;

/** Collects what is wrong with a request, to report it all at once. */
export type Violations = FieldViolation[];

/** @throws INVALID_ARGUMENT if the name is malformed, also for "-" unless that is allowed. */
export function requireStudyName(name: string, path: string, { wildcard = false } = {}) {
  const parsed = parseStudyName(name);
  if (!parsed || (parsed.study === "-" && !wildcard))
    throw invalidArgument([{ path, message: 'must be "projects/{project}/studies/{study}"' }]);
  return parsed;
}

/** @throws INVALID_ARGUMENT if the name is malformed. */
export function requireTrialName(name: string, path: string): { project: string; study: string; trial: number } {
  const parsed = parseTrialName(name);
  if (!parsed)
    throw invalidArgument([{ path, message: 'must be "projects/{project}/studies/{study}/trials/{number}"' }]);
  return { ...parsed, study: name.slice(0, name.lastIndexOf("/trials/")) };
}

/** Values with what is wrong about their encoding: a value without a kind. */
export function readPoint(
  parameters: Readonly<Record<string, common.Value>>,
  path: string,
  violations: Violations,
): Point {
  for (const [name, value] of Object.entries(parameters)) {
    if (value.kind === undefined)
      violations.push({ path: `${path}[${JSON.stringify(name)}]`, message: "has no value" });
  }
  return pointFromProto(parameters);
}

export function readMeasurement(
  message: optimizer.Measurement | undefined,
  path: string,
  violations: Violations,
): Measurement {
  if (!message) violations.push({ path, message: "is required" });
  const value = message?.value ?? Number.NaN;
  if (message && !Number.isFinite(value)) {
    const hint = "a run that diverged is reported by FailTrial as infeasible";
    violations.push({ path: `${path}.value`, message: `must be finite, not ${value}; ${hint}` });
  }
  const metrics = readMetrics(message?.metrics ?? {}, `${path}.metrics`, violations);
  if (message && !message.cost) violations.push({ path: `${path}.cost`, message: "is required" });
  const cost = message?.cost ? readCost(message.cost, `${path}.cost`, violations) : noCost;
  if (message?.cost && cost.total <= 0) violations.push({ path: `${path}.cost.total`, message: "must be above 0" });
  const priorCost = message?.priorCost ?? 0;
  if (!(priorCost >= 0 && priorCost < Number.POSITIVE_INFINITY))
    violations.push({ path: `${path}.prior_cost`, message: `must be 0 or more and finite, not ${priorCost}` });
  return { value, metrics, cost, ...(priorCost > 0 && { priorCost }) };
}

export function readProgress(
  points: readonly optimizer.ProgressPoint[],
  path: string,
  violations: Violations,
): Pick<ProgressPoint, "step" | "metrics" | "cost">[] {
  let last = -1;
  return points.map((point, i) => {
    if (point.step <= last) violations.push({ path: `${path}[${i}].step`, message: "must be above the step before" });
    last = point.step;
    return {
      step: point.step,
      metrics: readMetrics(point.metrics, `${path}[${i}].metrics`, violations),
      cost: point.cost ? readCost(point.cost, `${path}[${i}].cost`, violations) : noCost,
    };
  });
}

/** The total may fall short of the sum of its parts by rounding. */
export function readCost(message: common.Cost, path: string, violations: Violations): Cost {
  const { total, scoring, gradient, evaluation, data } = message;
  const cost = { total, scoring, gradient, evaluation, data };
  let bad = false;
  for (const [name, value] of Object.entries(cost)) {
    if (Number.isFinite(value) && value >= 0) continue;
    bad = true;
    violations.push({ path: `${path}.${name}`, message: `must be 0 or more and finite, not ${value}` });
  }
  const parts = scoring + gradient + evaluation + data;
  if (!bad && total < parts * (1 - 1e-6))
    violations.push({ path: `${path}.total`, message: `must be at least the sum of its parts, ${parts}` });
  return bad ? cost : { ...cost, total: Math.max(total, parts) };
}

function readMetrics(
  metrics: Readonly<Record<string, number>>,
  path: string,
  violations: Violations,
): Readonly<Record<string, number>> {
  const entries = Object.entries(metrics);
  if (entries.length > metricsLimit)
    violations.push({ path, message: `has ${entries.length} entries, more than ${metricsLimit}` });
  for (const [name, value] of entries) {
    if (!Number.isFinite(value))
      violations.push({ path: `${path}[${JSON.stringify(name)}]`, message: `must be finite, not ${value}` });
  }
  return { ...metrics };
}

/** An optional cost. */
export function readOptionalCost(message: common.Cost | undefined, violations: Violations): Cost | undefined {
  return message && readCost(message, "cost", violations);
}

export function checkText(text: string, path: string, limits: { min?: number; max: number }, violations: Violations) {
  const { min = 0, max } = limits;
  if (text.length < min) violations.push({ path, message: "is required" });
  if (text.length > max) violations.push({ path, message: `has ${text.length} characters, more than ${max}` });
}
