import { spaceLimits } from "./limits.ts";
import type { Parameter, SearchSpace } from "./parameter.ts";
import { validateCondition } from "./validate-condition.ts";
import { validateConstraints } from "./validate-constraint.ts";
import { validateDomain } from "./validate-domain.ts";
import { validateFidelity } from "./validate-fidelity.ts";
import type { Violation } from "./violation.ts";

const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * Everything that is wrong with a space, not only the first thing. Empty for a valid space; all other functions of this library expect one.
 *
 * @returns violations in the order of the fields; paths are relative to the space, such as `parameters[3].float.max`.
 */
export function validateSpace(space: SearchSpace): Violation[] {
  const violations: Violation[] = [];
  const add = (path: string, message: string) => violations.push({ path, message });
  const { parameters } = space;

  if (parameters.length > spaceLimits.parameters)
    add("parameters", `a space has at most ${spaceLimits.parameters} parameters, not ${parameters.length}`);
  if (!parameters.some(({ domain, fidelity }) => domain.kind !== "fixed" && !fidelity))
    add("parameters", "at least one parameter must be neither fixed nor a fidelity: there is nothing to tune");

  const indexOf = new Map<string, number>();
  parameters.forEach((parameter, index) => {
    const path = `parameters[${index}]`;
    violations.push(...validateName(parameter, `${path}.name`, indexOf));
    if (!indexOf.has(parameter.name)) indexOf.set(parameter.name, index);
    violations.push(...validateDomain(parameter.domain, path));
    violations.push(...validateCondition(parameters, index));
    violations.push(...validateFidelity(parameter, path));
  });
  if (space.constraints.length > spaceLimits.constraints)
    add("constraints", `a space has at most ${spaceLimits.constraints} constraints, not ${space.constraints.length}`);
  else violations.push(...validateConstraints(space, violations.length === 0));
  return violations;
}

function validateName({ name }: Parameter, path: string, indexOf: ReadonlyMap<string, number>): Violation[] {
  const earlier = indexOf.get(name);
  if (name === "") return [{ path, message: "must not be empty" }];
  if (name.length > spaceLimits.nameLength)
    return [{ path, message: `has ${name.length} characters, more than ${spaceLimits.nameLength}` }];
  // Not usable as a key of plain objects.
  if (!namePattern.test(name) || name === "__proto__")
    return [
      {
        path,
        message: `${JSON.stringify(name)} must be a letter or underscore, then letters, digits, "_", "-" or "."`,
      },
    ];
  if (earlier !== undefined)
    return [{ path, message: `${JSON.stringify(name)} is already the name of parameters[${earlier}]` }];
  return [];
}
