import { isActive } from "./condition.ts";
import type { ParameterValue, Point, SearchSpace } from "./parameter.ts";
import { isFeasible } from "./repair.ts";
import { problemOfValue } from "./validate-point.ts";

/** A point of an older version of a space, as the newer one sees it. */
export type MappedPoint =
  /** All values are values of the new space too. */
  | { readonly kind: "kept"; readonly point: Point }
  /** As kept, and `defaulted` names parameters that the old space did not have, at the values that held then. */
  | { readonly kind: "defaulted"; readonly point: Point; readonly defaulted: readonly string[] }
  /** Not a point of the new space; `reason` says why, in one sentence. */
  | { readonly kind: "outside"; readonly reason: string };

/**
 * Whether what was observed at a point of an old version of a space says something about a point of the new version, and about which.
 *
 * - A value that is still in its parameter's domain stays; one that is not puts the point outside.
 * - A parameter that is new and active needs the value that held before: its fixed value, or one of `defaults`. Without it the point is outside.
 * - A parameter that is gone must have been fixed or inactive: otherwise its influence would count as noise, and the point is outside.
 *
 * @param point - valid in `from`
 * @param defaults - values of parameters new in `to` that held while they were no parameters
 */
export function mapPoint(from: SearchSpace, to: SearchSpace, point: Point, defaults: Point = {}): MappedPoint {
  const result: Record<string, ParameterValue> = {};
  const defaulted: string[] = [];
  const old = new Map(from.parameters.map((parameter) => [parameter.name, parameter]));
  for (const { name, domain, condition } of to.parameters) {
    old.delete(name);
    if (!isActive(condition, result)) continue;
    let value = Object.hasOwn(point, name) ? point[name] : undefined;
    if (value === undefined) {
      value = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
      if (value === undefined && domain.kind === "fixed") value = domain.value;
      if (value === undefined) return outside(`${name} has no value here and no default`);
      defaulted.push(name);
    }
    const problem = problemOfValue(domain, value);
    if (problem) return outside(`${name} ${problem}`);
    result[name] = value;
  }
  for (const [name, { domain }] of old)
    if (domain.kind !== "fixed" && Object.hasOwn(point, name)) return outside(`${name} is no longer a parameter`);
  if (!isFeasible(to, result)) return outside("it violates a constraint");
  return defaulted.length === 0 ? { kind: "kept", point: result } : { kind: "defaulted", point: result, defaulted };
}

function outside(reason: string): MappedPoint {
  return { kind: "outside", reason };
}
