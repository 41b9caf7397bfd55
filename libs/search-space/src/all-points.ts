import { isActive } from "./condition.ts";
import type { Domain, ParameterValue, Point, SearchSpace } from "./parameter.ts";
import { isFeasible } from "./repair.ts";

/**
 * Every valid point of a finite space, in the order of its parameters' values.
 *
 * @param held - values of parameters that are not to vary
 * @param most - points, before constraints, beyond which a space counts as too large to be listed
 * @returns undefined if a float varies, or the space is too large
 */
export function allPoints(space: SearchSpace, held: Point = {}, most = 10_000): Point[] | undefined {
  let points: Point[] = [{}];
  for (const { name, domain, condition } of space.parameters) {
    const active = points.filter((point) => isActive(condition, point)).length;
    const values = Object.hasOwn(held, name) ? [held[name]!] : valuesOf(domain, most);
    if (active > 0 && (!values || points.length + active * (values.length - 1) > most)) return undefined;
    points = points.flatMap((point) =>
      isActive(condition, point) ? values!.map((value) => ({ ...point, [name]: value })) : [point],
    );
  }
  return points.filter((point) => isFeasible(space, point));
}

/** undefined for more than `most`, which a float always has. */
function valuesOf(domain: Domain, most: number): readonly ParameterValue[] | undefined {
  switch (domain.kind) {
    case "fixed":
      return [domain.value];
    case "boolean":
      return [false, true];
    case "categorical":
      return domain.categories;
    case "discrete":
      return domain.values;
    case "float":
      return undefined;
    case "integer": {
      const levels = domain.max - domain.min + 1;
      return levels > most ? undefined : Array.from({ length: levels }, (_, i) => domain.min + i);
    }
  }
}
