import { isNumeric } from "./numeric-axis.ts";
import type { Domain, Parameter, ParameterValue } from "./parameter.ts";
import type { Violation } from "./violation.ts";

/** Checks the condition of one parameter against the others. */
export function validateCondition(parameters: readonly Parameter[], index: number): Violation[] {
  const { condition } = parameters[index]!;
  if (!condition) return [];
  const path = `parameters[${index}].condition`;
  const problem = problemOfParent(parameters, index, condition.parent);
  if (problem) return [{ path: `${path}.parent`, message: problem }];
  if (condition.values.length === 0) return [{ path: `${path}.values`, message: "needs at least 1 value" }];
  const { name, domain } = parameters.find(({ name }) => name === condition.parent)!;
  return condition.values.flatMap((value, position): Violation[] => {
    const at = `${path}.values[${position}]`;
    if (!contains(domain, value))
      return [{ path: at, message: `${JSON.stringify(value)} is not a value of ${JSON.stringify(name)}` }];
    if (condition.values.indexOf(value) < position) return [{ path: at, message: "is there twice" }];
    return [];
  });
}

function problemOfParent(parameters: readonly Parameter[], index: number, parent: string): string | undefined {
  const at = parameters.findIndex(({ name }) => name === parent);
  const quoted = JSON.stringify(parent);
  if (at < 0) return `${quoted} is not a parameter of this space`;
  if (at === index) return "a parameter cannot be its own parent";
  if (at > index)
    return leadsBack(parameters, at, index)
      ? `${quoted} depends on this parameter: conditions must not be cyclic`
      : `${quoted} must come before this parameter`;
  const { kind } = parameters[at]!.domain;
  if (kind === "fixed") return `${quoted} is fixed: a condition on it always or never holds`;
  if (kind === "float")
    return `${quoted} is a float: conditions ask for exact values, use an integer or discrete parameter`;
  return undefined;
}

/** Whether the chain of parents that starts at `from` reaches `to`. */
function leadsBack(parameters: readonly Parameter[], from: number, to: number): boolean {
  const visited = new Set<number>();
  let at = from;
  while (at >= 0 && !visited.has(at)) {
    if (at === to) return true;
    visited.add(at);
    const parent = parameters[at]!.condition?.parent;
    at = parameters.findIndex(({ name }) => name === parent);
  }
  return false;
}

function contains(domain: Domain, value: ParameterValue): boolean {
  switch (domain.kind) {
    case "categorical":
      return typeof value === "string" && domain.categories.includes(value);
    case "boolean":
      return typeof value === "boolean";
    case "discrete":
      return typeof value === "number" && domain.values.includes(value);
    case "integer":
      return Number.isInteger(value) && (value as number) >= domain.min && (value as number) <= domain.max;
    default:
      return isNumeric(domain) && typeof value === "number";
  }
}
