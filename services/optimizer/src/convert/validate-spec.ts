import { parseStudyName } from "@superbatch/contracts";
import type { FieldViolation } from "@superbatch/rpc";
import { validateSpace } from "@superbatch/search-space";
import { priorLimit } from "../domain/prior-studies.ts";
import type { Budget, StudySpec } from "../domain/spec.ts";
import type { AlgorithmSpec } from "../domain/suggest/algorithm-spec.ts";
import { modelOptions } from "../domain/suggest/algorithms.ts";
import { validateAlgorithm } from "./algorithm.ts";
import { validateConstraints } from "./outcome-constraints.ts";

const metricName = {
  pattern: /^[A-Za-z][A-Za-z0-9_./-]{0,127}$/,
  message: 'must be a letter, then letters, digits, "_", "-", "." or "/", at most 128 characters',
};

/**
 * Everything that is wrong with a study's spec, with paths in the contract's field names.
 *
 * @param path - of the spec in the request, such as `study.spec`.
 */
export function validateSpec(spec: StudySpec, path: string): FieldViolation[] {
  const { objective, seed, costUnit, lease, earlyStopping } = spec;
  const violations = validateSpaceAt(spec, `${path}.space`);
  const check = (ok: boolean, field: string, message: string) => {
    if (!ok) violations.push({ path: `${path}.${field}`, message });
  };
  check(metricName.pattern.test(objective.metric), "objective.metric", metricName.message);
  check(
    objective.transform === "none" || objective.goal === "minimize",
    "objective.transform",
    "the logarithm is for errors: the goal must be to minimize",
  );
  violations.push(...validateAlgorithm(spec.algorithm, spec.space, `${path}.algorithm`));
  violations.push(...validateBudget(spec.budget, `${path}.budget`));
  violations.push(...validateConvergence(spec.budget, spec.algorithm, `${path}.budget`));
  check(isWhole(seed, 0), "seed", "must be a whole number below 2^53");
  check(costUnit.length <= 64, "cost_unit", "must have at most 64 characters");
  check(
    inRange(lease.seconds, 1, 86_400),
    "lease.lease_seconds",
    `must be from 1 to 86400 seconds, or 0 for the default, not ${lease.seconds}`,
  );
  check(
    isWhole(lease.maxAttempts, 1, 100),
    "lease.max_attempts",
    `must be from 1 to 100, or 0 for the default, not ${lease.maxAttempts}`,
  );
  if (earlyStopping) {
    const { rule, minStep } = earlyStopping;
    check(isWhole(minStep, 0), `early_stopping.${rule}.min_step`, "must be below 2^53");
  }
  if (earlyStopping?.rule === "curve") {
    const { threshold } = earlyStopping;
    const message = `must be above 0 and at most 0.5, or 0 for the default, not ${threshold}`;
    check(threshold > 0 && threshold <= 0.5, "early_stopping.curve.threshold", message);
  }
  violations.push(...validateConstraints(spec, metricName, `${path}.outcome_constraints`));
  violations.push(...validateTexts(spec.requirements, `${path}.requirements`));
  violations.push(...validateTexts(spec.labels, `${path}.labels`));
  return violations;
}

/** The same for the space alone. */
export function validateSpaceAt({ space }: Pick<StudySpec, "space">, path: string): FieldViolation[] {
  if (space.parameters.length === 0)
    return [{ path: `${path}.parameters`, message: "at least one parameter is needed" }];
  return validateSpace(space).map((violation) => ({ ...violation, path: `${path}.${violation.path}` }));
}

export function validateBudget(
  { maxTrials, maxCost, maxSeconds, convergence }: Budget,
  path: string,
): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const message = (value: number) => `must be 0 or more and finite, not ${value}`;
  if (!isWhole(maxTrials, 0)) violations.push({ path: `${path}.max_trials`, message: message(maxTrials) });
  if (!inRange(maxCost, 0)) violations.push({ path: `${path}.max_cost`, message: message(maxCost) });
  if (!inRange(maxSeconds, 0)) violations.push({ path: `${path}.max_seconds`, message: message(maxSeconds) });
  if (convergence) {
    const { tolerance, window, minTrials } = convergence;
    const check = (ok: boolean, field: string, wrong: string) => {
      if (!ok) violations.push({ path: `${path}.convergence.${field}`, message: wrong });
    };
    check(tolerance > 0 && tolerance < Infinity, "tolerance", `must be above 0 and finite, not ${tolerance}`);
    check(isWhole(window, 1, 1_000), "window", `must be from 1 to 1000, or 0 for the default, not ${window}`);
    check(isWhole(minTrials, 1), "min_trials", "must be below 2^53");
  }
  return violations;
}

/** Convergence is a statement of a model. @param path - of the budget. */
export function validateConvergence({ convergence }: Budget, algorithm: AlgorithmSpec, path: string): FieldViolation[] {
  if (!convergence || modelOptions(algorithm)) return [];
  return [{ path: `${path}.convergence`, message: `needs an algorithm with a model, which ${algorithm.kind} is not` }];
}

/** Earlier studies by their form alone. @param path - of their names. */
export function validatePriors(names: readonly string[], { algorithm }: StudySpec, path: string): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (names.length > priorLimit)
    violations.push({ path, message: `has ${names.length} entries, more than ${priorLimit}` });
  if (names.length > 0 && !modelOptions(algorithm))
    violations.push({ path, message: `needs an algorithm with a model, which ${algorithm.kind} is not` });
  for (const [i, name] of names.slice(0, priorLimit).entries()) {
    const study = parseStudyName(name)?.study;
    if (study === undefined || study === "-")
      violations.push({ path: `${path}[${i}]`, message: 'must be "projects/{project}/studies/{study}"' });
  }
  return violations;
}

/** Names and values that users choose: labels, requirements. */
export function validateTexts(texts: Readonly<Record<string, string>>, path: string): FieldViolation[] {
  const entries = Object.entries(texts);
  const violations: FieldViolation[] = [];
  if (entries.length > 64) violations.push({ path, message: `has ${entries.length} entries, more than 64` });
  for (const [name, value] of entries) {
    if (name === "" || name.length > 128)
      violations.push({
        path: `${path}[${JSON.stringify(name.slice(0, 128))}]`,
        message: "names have 1 to 128 characters",
      });
    if (value.length > 1024)
      violations.push({ path: `${path}[${JSON.stringify(name)}]`, message: "values have at most 1,024 characters" });
  }
  return violations;
}

function inRange(value: number, low: number, high = Number.MAX_VALUE): boolean {
  return value >= low && value <= high;
}

function isWhole(value: number, low: number, high = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isInteger(value) && inRange(value, low, high);
}
