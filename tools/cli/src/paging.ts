import { optimizer } from "@superbatch/contracts";
import type { OptimizerClient } from "./context.ts";

/** All of a project's studies, newest first. */
export async function allStudies(client: OptimizerClient, parent: string): Promise<optimizer.Study[]> {
  const studies: optimizer.Study[] = [];
  let pageToken = "";
  do {
    const page = await client.listStudies({ parent, pageSize: 1000, pageToken });
    studies.push(...page.studies);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return studies;
}

export interface TrialFilter {
  /** Absent: all. */
  readonly states?: readonly optimizer.TrialState[];
  readonly includeProgress?: boolean;
  /** With each trial's attempts. */
  readonly includeAttempts?: boolean;
  /** Called with the number read so far. */
  readonly onPage?: (count: number) => void;
}

/** All trials of a study by number. */
export async function allTrials(
  client: OptimizerClient,
  study: string,
  { states = [], includeProgress = false, includeAttempts = false, onPage }: TrialFilter = {},
): Promise<optimizer.Trial[]> {
  const trials: optimizer.Trial[] = [];
  let pageToken = "";
  do {
    const page = await client.listTrials(
      optimizer.ListTrialsRequest.fromPartial({
        study,
        states: [...states],
        includeProgress,
        includeAttempts,
        pageSize: 2000,
        pageToken,
      }),
    );
    trials.push(...page.trials);
    pageToken = page.nextPageToken;
    onPage?.(trials.length);
  } while (pageToken !== "");
  return trials;
}
