import type { Condition, Point } from "./parameter.ts";

/** Whether a parameter with this condition, if any, is active at a point whose earlier parameters have their values. */
export function isActive(condition: Condition | undefined, point: Point): boolean {
  return !condition || (Object.hasOwn(point, condition.parent) && condition.values.includes(point[condition.parent]!));
}
