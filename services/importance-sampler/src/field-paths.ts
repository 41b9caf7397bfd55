import { FieldError } from "@superbatch/is-sgd";
import { type FieldViolation, invalidArgument } from "@superbatch/rpc";

/** Where in a request the fields of an error lie. */
export type FieldOrigin = "spec" | "start" | "scores";

/**
 * A field of the mathematical library as a path in the request, in the proto's names: `superBatchSize` of a spec in a start is `start.spec.super_batch_size`,
 * `scores[3]` of a report is `scores.values[3]`.
 */
export function fieldPath(field: string, origin: FieldOrigin, parent = ""): string {
  const name = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^scores/, "values");
  const reported = origin === "start" && /^(values|round$|part$)/.test(name);
  const folder = name === "token" ? "" : reported ? "start.reports." : `${origin}.`;
  return origin === "spec" || name === "token" ? `${parent}${folder}${name}` : `${folder}${name}`;
}

/** Runs `action`; what it finds wrong with a field becomes INVALID_ARGUMENT that names the field's path. */
export function withFieldPaths<T>(origin: FieldOrigin, parent: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FieldError) throw invalidArgument([violation(error, origin, parent)]);
    throw error;
  }
}

export function violation(error: FieldError, origin: FieldOrigin, parent = ""): FieldViolation {
  return { path: fieldPath(error.field, origin, parent), message: error.message.slice(error.field.length + 2) };
}
