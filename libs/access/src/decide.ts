import { everyProject, mayAnywhere, mayInProject, type Principal } from "./principal.ts";
import type { Role } from "./role.ts";
import type { AccessRule } from "./rule.ts";

/** What comes of a request. */
export type Decision =
  | { readonly kind: "allowed"; readonly resource: string }
  /** `project` is absent if the role would do in any. */
  | { readonly kind: "denied"; readonly resource: string; readonly role: Role; readonly project?: string }
  /** The resource's name is malformed, so that nobody could say whose it is. */
  | { readonly kind: "malformed"; readonly field: string; readonly expected: string };

/**
 * Whether a principal may make a call. Only the request's names count, never what exists: an answer tells nothing of other projects' studies.
 */
export function decide(rule: AccessRule, principal: Principal, request: unknown): Decision {
  const role = typeof rule.role === "function" ? rule.role(request) : rule.role;
  const { resource } = rule;
  if (!resource) return mayAnywhere(principal, role) ? allowed("") : { kind: "denied", resource: "", role };
  const name = resource.read(request);
  const found = typeof name === "string" ? resource.projectOf(name) : undefined;
  if (typeof name !== "string" || found === undefined) {
    // Who may do so in every project may also hear of all that is wrong at once: the handler names this field and the others.
    if (mayInProject(principal, everyProject, role)) return allowed("");
    return { kind: "malformed", field: resource.field, expected: resource.expected };
  }
  if (found === "any") return mayAnywhere(principal, role) ? allowed(name) : { kind: "denied", resource: name, role };
  const { project } = found;
  return mayInProject(principal, project, role) ? allowed(name) : { kind: "denied", resource: name, role, project };
}

function allowed(resource: string): Decision {
  return { kind: "allowed", resource };
}
