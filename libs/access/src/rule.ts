import { formatProjectName, parseProjectName, parseStudyName, parseTrialName } from "@superbatch/contracts";
import type { Role } from "./role.ts";

/** Where a request names what it is about. */
export interface ResourceField {
  /** In the proto's spelling, for error messages. */
  readonly field: string;
  /** Value of the field. */
  read(request: unknown): unknown;
  /** The project of a name; `any` if the name stands for all that the caller may see; undefined if it is no such name. */
  projectOf(name: string): { readonly project: string } | "any" | undefined;
  /** What the field must hold, in words. */
  readonly expected: string;
}

/** What a call takes. */
export interface AccessRule {
  /** Least role. A function where it depends on the request. */
  readonly role: Role | ((request: unknown) => Role);
  /** Names the project in which the role is needed. Absent: the call belongs to no project, and the role in any project will do. */
  readonly resource?: ResourceField;
  /** Whether the call changes something that an operator wants to know afterwards. Refused calls are audited in any case. */
  readonly audited: boolean;
}

const fieldOf = (request: unknown, name: string): unknown => (request as Record<string, unknown> | undefined)?.[name];

/** A field that holds `projects/{project}`; empty is the default project. */
export function projectIn(field: string): ResourceField {
  return {
    field,
    read: (request) => fieldOf(request, field),
    projectOf: (name) => inProject(parseProjectName(name)),
    expected: 'must be "projects/{project}"',
  };
}

/** A field that holds `projects/{project}`, or `projects/-` for all that the caller may see. */
export function projectOrAnyIn(field: string): ResourceField {
  const single = projectIn(field);
  return {
    ...single,
    projectOf: (name) => (name === formatProjectName("-") ? "any" : single.projectOf(name)),
    expected: 'must be "projects/{project}", or "projects/-" for all projects',
  };
}

/** A field that holds a study's name. Whether it may be "-" is for the handler to say. */
export function studyIn(field: string): ResourceField {
  return {
    field,
    read: (request) => fieldOf(request, field),
    projectOf: (name) => inProject(parseStudyName(name)?.project),
    expected: 'must be "projects/{project}/studies/{study}"',
  };
}

/** A field that holds a trial's name. */
export function trialIn(field: string): ResourceField {
  return {
    field,
    read: (request) => fieldOf(request, field),
    projectOf: (name) => inProject(parseTrialName(name)?.project),
    expected: 'must be "projects/{project}/studies/{study}/trials/{number}"',
  };
}

function inProject(project: string | undefined): { readonly project: string } | undefined {
  return project === undefined ? undefined : { project };
}
