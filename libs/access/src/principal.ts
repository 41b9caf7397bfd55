import { includesRole, type Role } from "./role.ts";

/** Stands for every project in a principal's roles. */
export const everyProject = "*";

/** Who calls: a person or a program. */
export interface Principal {
  /** Unique, for logs, limits, and as the owner of sessions. Not secret. */
  readonly id: string;
  /** By the project's id; {@link everyProject} for all. */
  readonly roles: ReadonlyMap<string, Role>;
}

/** Whoever calls a service that has no access control. */
export const anonymous: Principal = { id: "anonymous", roles: new Map([[everyProject, "owner"]]) };

/** Whether the principal has the role in a project, by itself or by a role in every project. */
export function mayInProject({ roles }: Principal, project: string, role: Role): boolean {
  return includesRole(roles.get(project), role) || includesRole(roles.get(everyProject), role);
}

/** Whether the principal has the role in at least one project: for what belongs to no project. */
export function mayAnywhere({ roles }: Principal, role: Role): boolean {
  return [...roles.values()].some((held) => includesRole(held, role));
}

/** The projects in which the principal has the role; undefined: in all. */
export function projectsWithRole({ roles }: Principal, role: Role): string[] | undefined {
  if (includesRole(roles.get(everyProject), role)) return undefined;
  return [...roles].filter(([, held]) => includesRole(held, role)).map(([project]) => project);
}

/** A principal as bytes, to travel with a call inside of a process. */
export function encodePrincipal({ id, roles }: Principal): Buffer {
  return Buffer.from(JSON.stringify([id, [...roles]]));
}

export function decodePrincipal(bytes: Uint8Array): Principal {
  const [id, roles] = JSON.parse(Buffer.from(bytes).toString("utf8")) as [string, [string, Role][]];
  return { id, roles: new Map(roles) };
}
