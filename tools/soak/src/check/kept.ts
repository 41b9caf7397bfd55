import type { Tables } from "./tables.ts";

/** A write that was acknowledged. */
export type Kept =
  | { readonly kind: "study"; readonly name: string }
  | { readonly kind: "lease"; readonly trial: string; readonly lease: string }
  | { readonly kind: "progress"; readonly trial: string; readonly step: number; readonly value: number }
  | { readonly kind: "result"; readonly trial: string; readonly lease: string; readonly value: number };

/** What was acknowledged is in the database, once. @returns a sentence for each loss. */
export function checkKept(kept: readonly Kept[], { studies, trials, attempts, progress }: Tables): string[] {
  const nameOf = (row: { readonly study: string; readonly trial: number }) => `${row.study}/trials/${row.trial}`;
  const counts = (one: Kept): number => {
    switch (one.kind) {
      case "study":
        return studies.filter(({ name }) => name === one.name).length;
      case "lease":
        return attempts.filter((row) => row.lease_id === one.lease && nameOf(row) === one.trial).length;
      case "progress":
        return progress.filter(
          (row) => nameOf(row) === one.trial && row.step === one.step && JSON.parse(row.metrics).error === one.value,
        ).length;
      case "result":
        return trials.filter(
          ({ study, number, state, measurement }) =>
            `${study}/trials/${number}` === one.trial &&
            state === "completed" &&
            JSON.parse(measurement ?? "{}").value === one.value,
        ).length;
    }
  };
  return kept.flatMap((one) => {
    const count = counts(one);
    return count === 1 ? [] : [`${JSON.stringify(one)} is there ${count} times`];
  });
}
