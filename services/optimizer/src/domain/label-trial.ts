import { notFound } from "@superbatch/rpc";
import type { StoreTransaction, Trial } from "@superbatch/store";
import { record } from "./transitions.ts";

/**
 * Sets labels of a trial; an empty value takes one away. Possible in any state: labels mean nothing to the algorithm.
 *
 * @throws NOT_FOUND
 */
export async function labelTrial(
  tx: StoreTransaction,
  study: string,
  number: number,
  changes: Readonly<Record<string, string>>,
): Promise<Trial> {
  const trial = (await tx.lockStudy(study)) && (await tx.getTrial(study, number));
  if (!trial) throw notFound("trial", `${study}/trials/${number}`);
  const labels = Object.fromEntries(
    Object.entries({ ...trial.labels, ...changes }).filter(([, value]) => value !== ""),
  );
  const updated = await tx.updateTrial(study, number, { labels });
  await record(tx, study, "trial-updated", "labels changed", number);
  return updated;
}
