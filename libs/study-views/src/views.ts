import { distributionData, parallelData } from "@superbatch/figures";
import { factsOf, rowsOf } from "./facts.ts";
import { curves } from "./learning-view.ts";
import { contour, importance, model, slices, tradeoff } from "./model-views.ts";
import { overview, timeline } from "./progress-views.ts";
import type { ViewContext, ViewQuery } from "./view-context.ts";

/** What a figure of a study shows, by the figure's name: small whatever the number of trials. */
export const views = {
  overview,
  parallel: ({ study, trials }: ViewContext) => parallelData(factsOf(study), rowsOf(trials)),
  distribution: ({ study, trials }: ViewContext) => distributionData(factsOf(study), rowsOf(trials)),
  timeline,
  importance,
  model,
  curves,
  tradeoff,
  slices,
  contour,
} satisfies Record<string, (context: ViewContext, query: ViewQuery) => unknown>;

export type ViewName = keyof typeof views;
