/** Something that a person should know about a study or a deployment. */
export interface Finding {
  /** `problem`: it does not work; `warning`: it works worse than it could; `note`: good to know. */
  readonly severity: "problem" | "warning" | "note";
  /** Stable kebab-case name, for programs. */
  readonly kind: string;
  /** What is so, in a sentence. */
  readonly finding: string;
  /** What to do, in a sentence; empty if there is nothing to do. */
  readonly remedy: string;
}

const order = ["problem", "warning", "note"] as const;

/** Problems first. */
export function bySeverity(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
