/** A caller's mistake that belongs to one field of what it sent. A server reports it as INVALID_ARGUMENT with the field's path. */
export class FieldError extends RangeError {
  /** Path of the field, in camel case as in {@link SessionSpec}, e.g. `superBatch` or `scores[17]`. */
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.name = "FieldError";
    this.field = field;
  }
}
