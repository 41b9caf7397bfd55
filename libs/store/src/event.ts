/** Something that happened in a study. Events are only appended. */
export interface Event {
  /** Name of the study. */
  readonly study: string;
  /** 1, 2, … in the study, without gaps, in order of commit. */
  readonly sequence: number;
  /** A word of the optimizer's, such as `trial-completed`. */
  readonly kind: string;
  readonly time: number;
  /** Number of the trial concerned, null for events of the study. */
  readonly trial: number | null;
  /** In words; may be empty. */
  readonly message: string;
}

export type NewEvent = Pick<Event, "kind" | "trial" | "message">;
