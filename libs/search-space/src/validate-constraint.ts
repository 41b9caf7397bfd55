import { bounds, isNumeric } from "./numeric-axis.ts";
import type { LinearConstraint, Parameter, SearchSpace } from "./parameter.ts";
import { feasibleRow } from "./repair.ts";
import type { Violation } from "./violation.ts";

/** @param searchable - the rest of the space is valid, so that a feasible point can be looked for */
export function validateConstraints(space: SearchSpace, searchable: boolean): Violation[] {
  const byName = new Map(space.parameters.map((parameter) => [parameter.name, parameter]));
  const violations = space.constraints.flatMap((constraint, index) => {
    const path = `constraints[${index}]`;
    const own = validateCoefficients(constraint, path, byName);
    if (!Number.isFinite(constraint.bound))
      own.push({ path: `${path}.bound`, message: `must be finite, not ${constraint.bound}` });
    if (own.length === 0 && searchable) {
      const least = smallestSum(constraint, byName);
      if (least > constraint.bound)
        own.push({ path: `${path}.bound`, message: `no point can satisfy this: the sum is at least ${least}` });
    }
    return own;
  });
  // Each constraint for itself may hold somewhere, but not all at the same point.
  if (violations.length === 0 && searchable && space.constraints.length > 0 && !feasibleRow(space))
    violations.push({ path: "constraints", message: "no point was found that satisfies all constraints" });
  return violations;
}

function validateCoefficients(
  { coefficients }: LinearConstraint,
  path: string,
  byName: ReadonlyMap<string, Parameter>,
): Violation[] {
  const entries = Object.entries(coefficients);
  const field = `${path}.coefficients`;
  if (entries.length === 0) return [{ path: field, message: "needs at least 1 parameter" }];
  return entries.flatMap(([name, coefficient]): Violation[] => {
    const at = `${field}[${JSON.stringify(name)}]`;
    const parameter = byName.get(name);
    if (!parameter) return [{ path: at, message: "is not a parameter of this space" }];
    if (parameter.fidelity) return [{ path: at, message: "is a fidelity; constraints are on hyperparameters" }];
    const { domain } = parameter;
    if (!isNumeric(domain) && !(domain.kind === "fixed" && typeof domain.value === "number"))
      return [{ path: at, message: `must be a numeric parameter, not ${domain.kind}` }];
    if (!Number.isFinite(coefficient)) return [{ path: at, message: `must be finite, not ${coefficient}` }];
    return [];
  });
}

/** Lower bound of a constraint's sum over the space, each parameter at its best on its own. */
function smallestSum({ coefficients }: LinearConstraint, byName: ReadonlyMap<string, Parameter>): number {
  let sum = 0;
  for (const [name, coefficient] of Object.entries(coefficients)) {
    const { domain, condition } = byName.get(name)!;
    let least = 0;
    if (domain.kind === "fixed") least = coefficient * (domain.value as number);
    else if (isNumeric(domain)) {
      const { min, max } = bounds(domain);
      least = Math.min(coefficient * min, coefficient * max);
    }
    // An inactive parameter counts as 0.
    sum += condition ? Math.min(least, 0) : least;
  }
  return sum;
}
