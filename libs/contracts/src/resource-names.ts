/** Names of resources are data: parsed and printed here, and nowhere by string processing (AIP-122). */
export interface StudyName {
  readonly project: string;
  readonly study: string;
}

export interface TrialName extends StudyName {
  readonly trial: number;
}

/** Project of a call that names none. */
export const defaultProject = "default";

const id = "[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?";
const projectPattern = new RegExp(`^projects/(${id})$`);
const studyPattern = new RegExp(`^projects/(${id})/studies/(${id}|-)$`);
const trialPattern = new RegExp(`^projects/(${id})/studies/(${id})/trials/([1-9][0-9]{0,15})$`);
const idPattern = new RegExp(`^${id}$`);

/** What a study's or project's id must look like, in words. */
export const idRule =
  "lower-case letters, digits and -, starting with a letter, not ending with -, at most 63 characters";

export function isResourceId(text: string): boolean {
  return idPattern.test(text);
}

export function formatProjectName(project: string): string {
  return `projects/${project}`;
}

/** @returns the project's id, the default project for the empty name, or undefined if the name is malformed. */
export function parseProjectName(name: string): string | undefined {
  return name === "" ? defaultProject : projectPattern.exec(name)?.[1];
}

export function formatStudyName({ project, study }: StudyName): string {
  return `projects/${project}/studies/${study}`;
}

/** @returns undefined if the name is malformed. The study may be "-", which stands for any study where a call allows it. */
export function parseStudyName(name: string): StudyName | undefined {
  const match = studyPattern.exec(name);
  return match ? { project: match[1]!, study: match[2]! } : undefined;
}

export function formatTrialName({ project, study, trial }: TrialName): string {
  return `projects/${project}/studies/${study}/trials/${trial}`;
}

/** @returns undefined if the name is malformed. */
export function parseTrialName(name: string): TrialName | undefined {
  const match = trialPattern.exec(name);
  return match ? { project: match[1]!, study: match[2]!, trial: Number(match[3]) } : undefined;
}
