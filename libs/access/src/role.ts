/** What one may do in a project, each including what stands before it: look; work on trials; create, change and delete studies. */
export const roles = ["reader", "trainer", "owner"] as const;

export type Role = (typeof roles)[number];

/** Whether who holds `held` may do what takes `needed`. */
export function includesRole(held: Role | undefined, needed: Role): boolean {
  return held !== undefined && roles.indexOf(held) >= roles.indexOf(needed);
}
