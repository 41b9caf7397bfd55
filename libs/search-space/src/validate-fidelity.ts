import { bounds, isNumeric } from "./numeric-axis.ts";
import type { Parameter } from "./parameter.ts";
import type { Violation } from "./violation.ts";

/** @param path - of the parameter, such as `parameters[3]` */
export function validateFidelity({ domain, fidelity, condition }: Parameter, path: string): Violation[] {
  if (!fidelity) return [];
  const violations: Violation[] = [];
  if (condition) violations.push({ path: `${path}.condition`, message: "a fidelity cannot have a condition" });
  if (!isNumeric(domain)) {
    violations.push({
      path: `${path}.fidelity`,
      message: `only float, integer and discrete parameters can be fidelities, this one is ${domain.kind}`,
    });
    return violations;
  }
  const field = `${path}.fidelity.target`;
  const { target } = fidelity;
  const { max } = bounds(domain);
  // A message that was sent without a target arrives as undefined or NaN.
  if (target === undefined || Number.isNaN(target)) violations.push({ path: field, message: "is required" });
  else if (!Number.isFinite(target) || target > 1e100)
    violations.push({ path: field, message: `must be finite and at most 1e100, not ${target}` });
  else if (target < max)
    violations.push({ path: field, message: `must be at least the largest value (${max}), not ${target}` });
  else if (domain.kind === "integer" && !Number.isInteger(target))
    violations.push({ path: field, message: `must be a whole number like the parameter's values, not ${target}` });
  return violations;
}
