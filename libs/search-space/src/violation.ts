/** One thing that is wrong with a space or a point. */
export interface Violation {
  /**
   * Which field, in the style of the wire format and relative to what was validated: `parameters[3].float.max` in a space,
   * `parameters["momentum"]` in a point.
   */
  readonly path: string;
  /** What is wrong with it and what would be right, in one sentence without the path. */
  readonly message: string;
}
