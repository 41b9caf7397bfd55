import type { Point } from "@superbatch/search-space";

/** One completed trial. */
export interface Observation {
  readonly point: Point;
  readonly value: number;
  readonly cost: number;
}

/** A method at work on one study. It is asked with ever more observations, never with fewer. */
export interface Search {
  /** The next trial. */
  suggest(observations: readonly Observation[]): Promise<Point>;
  /** What the method believes to be the minimizer at the target. At least one observation. */
  recommend(observations: readonly Observation[]): Promise<Point>;
  /** Frees what the search holds. */
  close(): void;
}
