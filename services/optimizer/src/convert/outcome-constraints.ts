import type { OutcomeConstraint, optimizer } from "@superbatch/contracts";
import type { FieldViolation } from "@superbatch/rpc";
import type { StudySpec } from "../domain/spec.ts";

/** Each costs a model of its own with every suggestion. */
const constraintLimit = 10;

/** Nothing at all where there are none. */
export function constraintsFromProto(
  messages: readonly optimizer.OutcomeConstraint[] = [],
): Pick<StudySpec, "outcomeConstraints"> {
  if (messages.length === 0) return {};
  return {
    outcomeConstraints: messages.map(
      ({ metric, atLeast, atMost }): OutcomeConstraint => ({
        metric,
        ...(atLeast !== undefined && { atLeast }),
        ...(atMost !== undefined && { atMost }),
      }),
    ),
  };
}

export function constraintsToProto({
  outcomeConstraints = [],
}: Pick<StudySpec, "outcomeConstraints">): optimizer.OutcomeConstraint[] {
  return outcomeConstraints.map(({ metric, atLeast, atMost }) => ({ metric, atLeast, atMost }));
}

/**
 * @param isMetric - whether a text can be a metric's name.
 * @param path - of the constraints.
 */
export function validateConstraints(
  { outcomeConstraints = [], objective }: Pick<StudySpec, "outcomeConstraints" | "objective">,
  isMetric: { readonly pattern: RegExp; readonly message: string },
  path: string,
): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const { length } = outcomeConstraints;
  if (length > constraintLimit)
    violations.push({ path, message: `has ${length} entries, more than ${constraintLimit}` });
  const metrics = outcomeConstraints.map(({ metric }) => metric);
  for (const [i, { metric, atLeast, atMost }] of outcomeConstraints.slice(0, constraintLimit).entries()) {
    const check = (ok: boolean, field: string, message: string) => {
      if (!ok) violations.push({ path: `${path}[${i}]${field}`, message });
    };
    const finite = (bound: number | undefined) => bound === undefined || Number.isFinite(bound);
    if (!isMetric.pattern.test(metric)) check(false, ".metric", isMetric.message);
    else if (metric === objective.metric) check(false, ".metric", "must be another metric than the objective's");
    else check(metrics.indexOf(metric) === i, ".metric", "is constrained twice: give both bounds in one constraint");
    check(atLeast !== undefined || atMost !== undefined, "", "needs at_least, at_most or both");
    check(finite(atLeast), ".at_least", `must be finite, not ${atLeast}; without it there is no lower bound`);
    check(finite(atMost), ".at_most", `must be finite, not ${atMost}; without it there is no upper bound`);
    if (finite(atLeast) && finite(atMost) && atLeast !== undefined && atMost !== undefined)
      check(atLeast <= atMost, ".at_most", `must not be below at_least, ${atLeast}, but is ${atMost}`);
  }
  return violations;
}
