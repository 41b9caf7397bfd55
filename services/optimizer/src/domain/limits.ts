import { rpcError } from "@superbatch/rpc";
import type { StoreTransaction } from "@superbatch/store";

/** What one optimizer takes; for more its operator must say so. */
export interface Limits {
  /** Studies of one project. */
  readonly studies: number;
  /** Parameters of one study. */
  readonly parameters: number;
  /** Trials of one study, those of every state. */
  readonly trials: number;
}

export const defaultLimits: Limits = { studies: 10_000, parameters: 200, trials: 100_000 };

/** @throws {RpcError} QUOTA_EXCEEDED if `actual` of the subject are more than `limit`. */
export function checkLimit(subject: string, actual: number, limit: number): void {
  if (actual <= limit) return;
  const quota = { subject, description: `at most ${limit}` };
  throw rpcError("QUOTA_EXCEEDED", { subject, actual, limit }, { quota });
}

/** That a project may have one more study. Several that are created in the same moment on different replicas may go beyond the limit by a few. */
export async function checkStudies(tx: StoreTransaction, project: string, limit: number): Promise<void> {
  checkLimit(`studies of the project ${project}`, (await tx.countStudies(project)) + 1, limit);
}
