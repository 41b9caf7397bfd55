/** What an event of a study says. Watchers get the study with the first two, the trial with all others. */
export const eventKinds = [
  "study-created",
  "study-updated",
  "trial-suggested",
  "trial-leased",
  "trial-progress",
  "trial-completed",
  "trial-failed",
  "lease-expired",
  "trial-updated",
] as const;

export type EventKind = (typeof eventKinds)[number];

export function isStudyEvent(kind: string): boolean {
  return kind === "study-created" || kind === "study-updated";
}
