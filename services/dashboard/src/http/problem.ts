import {
  errorMetadata,
  fieldViolations,
  isAbortError,
  reasonOf,
  retryAfterSeconds,
  Status,
  statusOf,
} from "@superbatch/rpc";
import { ViewError } from "@superbatch/study-views";
import { JsonError } from "../door/door.ts";

/** An error as HTTP callers get it: the Connect protocol's JSON for errors, with what people need spelled out. */
export interface Problem {
  readonly http: number;
  readonly body: {
    /** gRPC's name of the code in snake case: `invalid_argument`. */
    readonly code: string;
    readonly message: string;
    /** Stable name of the error, see docs/reference/errors.md. */
    readonly reason?: string;
    readonly remedy?: string;
    readonly fields?: readonly { readonly path: string; readonly message: string }[];
    readonly retryAfterSeconds?: number;
  };
}

/** HTTP statuses as the Connect protocol maps codes to them. */
const httpOf: Partial<Record<Status, number>> = {
  [Status.CANCELLED]: 499,
  [Status.INVALID_ARGUMENT]: 400,
  [Status.DEADLINE_EXCEEDED]: 504,
  [Status.NOT_FOUND]: 404,
  [Status.ALREADY_EXISTS]: 409,
  [Status.PERMISSION_DENIED]: 403,
  [Status.RESOURCE_EXHAUSTED]: 429,
  [Status.FAILED_PRECONDITION]: 400,
  [Status.ABORTED]: 409,
  [Status.OUT_OF_RANGE]: 400,
  [Status.UNIMPLEMENTED]: 501,
  [Status.UNAVAILABLE]: 503,
  [Status.UNAUTHENTICATED]: 401,
};

export function problemOf(error: unknown): Problem {
  if (error instanceof JsonError || error instanceof ViewError)
    return { http: 400, body: { code: "invalid_argument", message: error.message } };
  const status = statusOf(error);
  if (status === undefined) return httpProblem(error);
  const { remedy } = errorMetadata(error);
  const reason = reasonOf(error);
  const fields = fieldViolations(error);
  const retry = retryAfterSeconds(error);
  const message = isAbortError(error)
    ? "the call was cancelled"
    : ((error as { details?: string }).details ?? "the call failed");
  return {
    http: httpOf[status] ?? 500,
    body: {
      code: Status[status].toLowerCase(),
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(fields.length === 0 ? {} : { fields }),
      ...(retry === undefined ? {} : { retryAfterSeconds: retry }),
    },
  };
}

/** What the HTTP server itself refuses; anything else is a defect, of which only the log says more. */
function httpProblem(error: unknown): Problem {
  const { statusCode = 500, message } = error as { statusCode?: number; message?: string };
  if (statusCode < 400 || statusCode >= 500 || message === undefined)
    return { http: 500, body: { code: "internal", message: "the dashboard failed; its log says why" } };
  const codes: Record<number, string> = {
    401: "unauthenticated",
    403: "permission_denied",
    404: "not_found",
    429: "resource_exhausted",
  };
  return { http: statusCode, body: { code: codes[statusCode] ?? "invalid_argument", message } };
}
