import { ClientError, Status } from "nice-grpc-common";
import { BadRequest, type ErrorDetails, ErrorInfo, RetryInfo, RichClientError } from "nice-grpc-error-details";
import { type ErrorReason, errorDomain } from "./error-catalogue.ts";
import { type FieldViolation, isAbortError } from "./errors.ts";

function detail<Type extends ErrorDetails["$type"]>(error: unknown, type: Type) {
  if (!(error instanceof RichClientError)) return undefined;
  return error.extra.find((item): item is Extract<ErrorDetails, { $type: Type }> => item.$type === type);
}

/** The gRPC code of what a client call threw; CANCELLED for an abort, undefined if it is not an RPC's error. */
export function statusOf(error: unknown): Status | undefined {
  if (error instanceof ClientError) return error.code;
  return isAbortError(error) ? Status.CANCELLED : undefined;
}

/** The catalogue's reason of what a client call threw, or undefined if the error is not one of this suite. */
export function reasonOf(error: unknown): ErrorReason | undefined {
  const info = detail(error, ErrorInfo.$type);
  return info?.domain === errorDomain ? (info.reason as ErrorReason) : undefined;
}

/** The message's parameters and the remedy, by name; empty if the error carries none. */
export function errorMetadata(error: unknown): Readonly<Record<string, string>> {
  return detail(error, ErrorInfo.$type)?.metadata ?? {};
}

/** The fields that an INVALID_ARGUMENT names; empty for other errors. */
export function fieldViolations(error: unknown): FieldViolation[] {
  const violations = detail(error, BadRequest.$type)?.fieldViolations ?? [];
  return violations.map(({ field, description }) => ({ path: field, message: description }));
}

/** How long the server asks to wait before the next attempt, in seconds; undefined if it does not say. */
export function retryAfterSeconds(error: unknown): number | undefined {
  const delay = detail(error, RetryInfo.$type)?.retryDelay;
  return delay && Number(delay.seconds) + delay.nanos / 1e9;
}
