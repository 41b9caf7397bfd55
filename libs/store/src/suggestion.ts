import type { JsonObject } from "./json.ts";

/** A suggestion that was computed ahead, for whichever replica leases the study's next trial. Derived: it may be computed again. */
export interface StoredSuggestion {
  /** Number of the trial that it is to become. */
  readonly number: number;
  /** The optimizer's own JSON. */
  readonly body: JsonObject;
}
