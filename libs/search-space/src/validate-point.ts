import { satisfies } from "./constraint.ts";
import { bounds, createNumericAxis, isNumeric } from "./numeric-axis.ts";
import type { Domain, ParameterValue, Point, SearchSpace } from "./parameter.ts";
import type { Violation } from "./violation.ts";

/**
 * Everything that keeps a point from being one of the space's: unknown parameters, missing values, values outside their domain, values of
 * inactive parameters, violated constraints. Empty for a valid point.
 *
 * @param space - valid, see `validateSpace`
 * @returns violations with paths such as `parameters["momentum"]`; a constraint's path is `parameters`.
 */
export function validatePoint(space: SearchSpace, point: Point): Violation[] {
  const violations: Violation[] = [];
  const add = (name: string, message: string) =>
    violations.push({ path: `parameters[${JSON.stringify(name)}]`, message });
  const active = new Set<string>();
  for (const { name, domain, condition } of space.parameters) {
    const given = Object.hasOwn(point, name);
    const isActive =
      !condition || (active.has(condition.parent) && condition.values.includes(point[condition.parent]!));
    if (isActive) active.add(name);
    if (!isActive) {
      if (given)
        add(name, `is inactive here, as ${JSON.stringify(condition!.parent)} is not one of ${list(condition!.values)}`);
    } else if (!given) add(name, "is missing");
    else {
      const problem = problemOfValue(domain, point[name]!);
      if (problem) add(name, problem);
    }
  }
  const known = new Set(space.parameters.map(({ name }) => name));
  for (const name of Object.keys(point)) if (!known.has(name)) add(name, "is not a parameter of this space");
  if (violations.length > 0) return violations;
  space.constraints.forEach((constraint, index) => {
    if (!satisfies(constraint, point))
      violations.push({
        path: "parameters",
        message: `violates constraints[${index}]: the sum exceeds ${constraint.bound}`,
      });
  });
  return violations;
}

/** Why a value is not one of a domain's; undefined if it is. */
export function problemOfValue(domain: Domain, value: ParameterValue): string | undefined {
  if (isNumeric(domain)) {
    if (typeof value !== "number") return `must be a number, not ${JSON.stringify(value)}`;
    if (createNumericAxis(domain).contains(value)) return undefined;
    if (domain.kind === "discrete") return `must be one of ${list(domain.values)}, not ${value}`;
    const { min, max } = bounds(domain);
    return `must be ${domain.kind === "integer" ? "a whole number " : ""}from ${min} to ${max}, not ${value}`;
  }
  switch (domain.kind) {
    case "categorical":
      if (domain.categories.includes(value as string)) return undefined;
      return `must be one of ${list(domain.categories)}, not ${JSON.stringify(value)}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `must be true or false, not ${JSON.stringify(value)}`;
    case "fixed":
      return value === domain.value ? undefined : `is fixed at ${JSON.stringify(domain.value)}`;
  }
}

/** At most ten values, in words. */
function list(values: readonly ParameterValue[]): string {
  const shown = values.slice(0, 10).map((value) => JSON.stringify(value));
  return values.length > 10 ? `${shown.join(", ")}, …` : shown.join(", ");
}
