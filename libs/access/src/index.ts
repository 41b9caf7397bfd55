export { type Decision, decide } from "./decide.ts";
export {
  type Directory,
  digestToken,
  emptyDirectory,
  type KnownPrincipal,
  readDirectory,
  rolesSchema,
} from "./directory.ts";
export {
  anonymous,
  decodePrincipal,
  encodePrincipal,
  everyProject,
  mayAnywhere,
  mayInProject,
  type Principal,
  projectsWithRole,
} from "./principal.ts";
export { includesRole, type Role, roles } from "./role.ts";
export type { AccessRule, ResourceField } from "./rule.ts";
export { accessRules, openCalls } from "./rules.ts";
