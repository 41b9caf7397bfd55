import type { optimizer } from "@superbatch/contracts";

/** The calls of the optimizer that views need besides the trials, as its client has them, made in the name of whoever looks. */
export interface StudyReader {
  getTrial(request: { name: string }, options: CallOptions): Promise<{ trial?: optimizer.Trial | undefined }>;
  getRecommendation(
    request: { study: string },
    options: CallOptions,
  ): Promise<Pick<optimizer.GetRecommendationResponse, "parameters">>;
  queryPosterior(
    request: { study: string; points: { parameters: optimizer.Trial["parameters"] }[]; withoutAcquisition: boolean },
    options: CallOptions,
  ): Promise<{ predictions: optimizer.Prediction[] }>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** What a view is made from. */
export interface ViewContext {
  readonly reader: StudyReader;
  readonly study: optimizer.Study;
  /** All of the study's trials by number; learning curves are not needed. */
  readonly trials: readonly optimizer.Trial[];
  /** Aborted when nobody waits for the view any more. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Parts of a view that the reader chose, as in an address: which trials, which two parameters. */
export type ViewQuery = Readonly<Record<string, string | undefined>>;

/** A view was asked for something that the study has not. */
export class ViewError extends Error {
  override readonly name = "ViewError";
}
