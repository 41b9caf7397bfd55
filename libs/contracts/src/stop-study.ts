import type * as optimizer from "./generated/superbatch/optimizer/v1/study.ts";

/**
 * The study's budget with the time used up, by the optimizer's own clock: updated to it, the study is completed at once. Its other limits stay, for
 * whoever lets it go on.
 */
export function budgetThatIsOver({ spec, createTime, updateTime }: optimizer.Study): optimizer.Budget {
  const had = spec?.budget;
  // At least a millisecond, since 0 is no limit.
  const seconds = Math.max(0.001, ((updateTime?.getTime() ?? 0) - (createTime?.getTime() ?? 0)) / 1000);
  return {
    maxTrials: had?.maxTrials ?? 0,
    maxCost: had?.maxCost ?? 0,
    maxSeconds: seconds,
    convergence: had?.convergence,
  };
}
