import { randomUUID } from "node:crypto";
import { ClientError, ServerError, Status } from "nice-grpc-common";
import {
  BadRequest,
  type ErrorDetails,
  ErrorInfo,
  QuotaFailure,
  RetryInfo,
  RichServerError,
} from "nice-grpc-error-details";
import {
  type ErrorCatalogueEntry,
  type ErrorParameters,
  type ErrorReason,
  errorCatalogue,
  errorDomain,
} from "./error-catalogue.ts";

/** One thing wrong with one field of a request. */
export interface FieldViolation {
  /** Path from the request message, in the proto's field names: `study.space.parameters[3].float.max`. */
  readonly path: string;
  /** What is wrong and what would be right, as a sentence without the path. */
  readonly message: string;
}

export interface ErrorOptions {
  /** Sent as `google.rpc.BadRequest`. */
  readonly violations?: readonly FieldViolation[];
  /** Sent as `google.rpc.RetryInfo`: a client of this suite waits that long before it tries again. Seconds, at least 0. */
  readonly retryAfterSeconds?: number;
  /** Sent as `google.rpc.QuotaFailure`: whose limit it is, and what it limits. */
  readonly quota?: { readonly subject: string; readonly description: string };
  /** What was caught. Logged by the server, never sent. */
  readonly cause?: unknown;
}

/** The one error that services throw: a status with a reason of the catalogue, and google.rpc details for machines. */
export class RpcError extends RichServerError {
  readonly reason: ErrorReason;

  constructor(reason: ErrorReason, message: string, details: ErrorDetails[], cause?: unknown) {
    super(errorCatalogue[reason].code, message, details);
    this.name = "RpcError";
    this.reason = reason;
    if (cause !== undefined) this.cause = cause;
  }
}

/** An error of the catalogue, its message filled in. */
export function rpcError<Reason extends ErrorReason>(
  reason: Reason,
  parameters: ErrorParameters<Reason>,
  options: ErrorOptions = {},
): RpcError {
  const entry: ErrorCatalogueEntry = errorCatalogue[reason];
  const values: Record<string, string | number> = { ...parameters };
  const message = entry.message.replace(/\{(\w+)\}/g, (_, name: string) => shorten(String(values[name]), 1000));
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(values))
    if (name !== "summary") metadata[name] = shorten(String(value), 500);
  const details: ErrorDetails[] = [
    ErrorInfo.fromPartial({ reason, domain: errorDomain, metadata: { ...metadata, remedy: entry.remedy } }),
  ];
  if (options.violations) {
    const fieldViolations = options.violations.map(({ path, message: description }) => ({ field: path, description }));
    details.push(BadRequest.fromPartial({ fieldViolations }));
  }
  if (options.retryAfterSeconds !== undefined) {
    const seconds = Math.floor(options.retryAfterSeconds);
    const nanos = Math.round((options.retryAfterSeconds - seconds) * 1e9);
    details.push(RetryInfo.fromPartial({ retryDelay: { seconds, nanos } }));
  }
  if (options.quota) details.push(QuotaFailure.fromPartial({ violations: [options.quota] }));
  return new RpcError(reason, message, details, options.cause);
}

/** Statuses travel in HTTP headers, of which many clients accept 8 kB in all. UTF-16 units, roughly bytes. */
const violationLimit = 3000;

/**
 * INVALID_ARGUMENT that names every bad field at once; of very many, the first ones and how many there are.
 *
 * @throws {RangeError} if there is no violation: then the request is not invalid.
 */
export function invalidArgument(violations: readonly FieldViolation[]): RpcError {
  if (violations.length === 0) throw new RangeError("at least one violation is needed");
  let length = 0;
  const sent: FieldViolation[] = [];
  for (const { path, message } of violations) {
    const violation = { path: shorten(path, 200), message: shorten(message, 500) };
    // Six bytes of lengths and field numbers each.
    length += violation.path.length + violation.message.length + 6;
    if (length > violationLimit) break;
    sent.push(violation);
  }
  const shown = sent.slice(0, 5).map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  if (violations.length > shown.length) shown.push(`and ${violations.length - shown.length} more`);
  return rpcError("INVALID_FIELDS", { summary: shorten(shown.join("; "), 1000) }, { violations: sent });
}

/** The id of a repeated call came with other contents: INVALID_ARGUMENT with the path `request_id`. */
export function requestIdReused(requestId: string): RpcError {
  const message = "already belongs to a call with other contents";
  return rpcError("REQUEST_ID_REUSED", { requestId }, { violations: [{ path: "request_id", message }] });
}

function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** Throws {@link invalidArgument} unless the list is empty. */
export function throwIfInvalid(violations: readonly FieldViolation[]): void {
  if (violations.length > 0) throw invalidArgument(violations);
}

type NamedNotFound = Extract<ErrorReason, "STUDY_NOT_FOUND" | "TRIAL_NOT_FOUND" | "SESSION_NOT_FOUND">;

/** NOT_FOUND for a named resource: `notFound("study", "studies/lenet")`. */
export function notFound(resource: "study" | "trial" | "session", name: string): RpcError {
  return rpcError(`${resource.toUpperCase()}_NOT_FOUND` as NamedNotFound, { name });
}

/** Reasons of the code FAILED_PRECONDITION. */
type PreconditionReason = {
  [Reason in ErrorReason]: (typeof errorCatalogue)[Reason]["code"] extends Status.FAILED_PRECONDITION ? Reason : never;
}[ErrorReason];

/** FAILED_PRECONDITION: the request is well formed, but the state of the resource does not allow it. */
export function failedPrecondition<Reason extends PreconditionReason>(
  reason: Reason,
  parameters: ErrorParameters<Reason>,
): RpcError {
  return rpcError(reason, parameters);
}

/** Whether `reason` says that the work was called off: a DOMException or Error with the name AbortError. */
export function isAbortError(reason: unknown): boolean {
  return typeof reason === "object" && reason !== null && (reason as { name?: unknown }).name === "AbortError";
}

/** Codes of a dependency that say that it cannot be reached now, not that it was asked wrongly. */
const unreachable: readonly Status[] = [Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.RESOURCE_EXHAUSTED];

/**
 * The one place where anything caught becomes a status. Errors with a status stay what they are; an abort is CANCELLED; a service that
 * this one called in vain makes UNAVAILABLE; all else is a defect: INTERNAL with a random incident id and no detail, since a stack
 * trace or message may hold what the caller must not see.
 */
export function fromUnknown(reason: unknown): ServerError {
  if (reason instanceof ServerError) return reason;
  if (isAbortError(reason)) return rpcError("CALL_CANCELLED", {}, { cause: reason });
  if (reason instanceof ClientError && unreachable.includes(reason.code)) {
    const dependency = reason.path.split("/")[1] ?? reason.path;
    const options = { retryAfterSeconds: 1, cause: reason };
    return rpcError("DEPENDENCY_UNAVAILABLE", { dependency, detail: Status[reason.code] }, options);
  }
  return rpcError("INTERNAL_ERROR", { incident: randomUUID() }, { cause: reason });
}
