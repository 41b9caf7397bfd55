import { setTimeout as sleep } from "node:timers/promises";
import { ClientError, type ClientMiddleware, Status } from "nice-grpc-common";
import { retryAfterSeconds } from "./error-details.ts";

/** Which codes are worth another attempt, and why. Codes that are not here are final. */
export const retryableCodes: ReadonlyMap<Status, string> = new Map([
  [Status.UNAVAILABLE, "the server is away, restarting or stopping; another replica or a later attempt answers"],
  [
    Status.RESOURCE_EXHAUSTED,
    "a limit that time lifts, if the server says when by RetryInfo; without it, it would not pass",
  ],
  [Status.ABORTED, "a conflict between concurrent writers; the repeated call sees the other's result"],
  [
    Status.CANCELLED,
    "the server cancelled its calls to stop; a cancellation by the caller arrives as AbortError instead",
  ],
]);

export interface RetryOptions {
  /** Attempts in all, the first included. At least 1; 1: never try again. @default 5 */
  readonly attempts?: number;
  /** Upper end of the first delay; doubles with each attempt. Milliseconds, above 0. @default 100 */
  readonly baseMilliseconds?: number;
  /** Upper end of any delay of our own; the server's RetryInfo may ask for longer. Milliseconds. @default 5000 */
  readonly maxMilliseconds?: number;
  /**
   * Which calls may be sent twice: `safe`: those whose method is declared idempotent in the proto, or whose request has a request id;
   * `all`: for services that are pure functions; `none`. @default "safe"
   */
  readonly calls?: "safe" | "all" | "none";
  /** Uniform in [0, 1): the jitter's source. @default Math.random */
  readonly random?: () => number;
}

/** Extra options of one call. */
export interface ClientCallOptions {
  /** When the call, retries included, is given up with DEADLINE_EXCEEDED. @default the client's, for unary calls */
  readonly deadline?: Date;
  /** False: one attempt only, for callers that try elsewhere themselves. @default the client's policy */
  readonly retry?: boolean;
}

/**
 * Milliseconds to wait before attempt `attempt + 1`, or undefined if there shall be none. Exponential with "equal jitter": between half of
 * and the whole of base · 2^(attempt − 1), at least what the server asks for.
 *
 * @param attempt - number of attempts made, at least 1.
 * @param remaining - milliseconds until the deadline; Infinity without one. An attempt that could only start after it is not made.
 */
export function retryDelay(
  error: unknown,
  attempt: number,
  remaining: number,
  options: RetryOptions = {},
): number | undefined {
  const { attempts = 5, baseMilliseconds = 100, maxMilliseconds = 5000, random = Math.random } = options;
  if (!(error instanceof ClientError) || attempt >= attempts) return undefined;
  if (!retryableCodes.has(error.code) && !endedWithoutStatus(error)) return undefined;
  const asked = retryAfterSeconds(error);
  if (error.code === Status.RESOURCE_EXHAUSTED && asked === undefined) return undefined;
  const limit = Math.min(maxMilliseconds, baseMilliseconds * 2 ** (attempt - 1));
  const delay = Math.max((limit * (1 + random())) / 2, (asked ?? 0) * 1000);
  return delay < remaining ? delay : undefined;
}

/** The server's process ended, or cut its calls off, before it gave one a status; grpc-js then makes one up. */
function endedWithoutStatus({ code, details }: ClientError): boolean {
  return code === Status.INTERNAL && details.startsWith("Received RST_STREAM with code");
}

/** Sends unary calls again after failures that may pass. Streams are never repeated: their owner knows where to go on. */
export function retryMiddleware(retry: RetryOptions = {}): ClientMiddleware<ClientCallOptions> {
  return async function* repeat(call, options) {
    const unary = !call.requestStream && !call.responseStream;
    if (
      !unary ||
      options.retry === false ||
      !mayRepeat(retry.calls ?? "safe", call.method.options.idempotencyLevel, call.request)
    ) {
      return yield* call.next(call.request, options);
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return yield* call.next(call.request, options);
      } catch (error) {
        const remaining = options.deadline ? options.deadline.getTime() - Date.now() : Number.POSITIVE_INFINITY;
        const delay = retryDelay(error, attempt, remaining, retry);
        if (delay === undefined) throw error;
        await sleep(delay, undefined, options.signal ? { signal: options.signal } : {});
      }
    }
  };
}

function mayRepeat(calls: "safe" | "all" | "none", idempotency: string | undefined, request: unknown): boolean {
  if (calls !== "safe") return calls === "all";
  if (idempotency === "IDEMPOTENT" || idempotency === "NO_SIDE_EFFECTS") return true;
  const { requestId } = request as { requestId?: unknown };
  return typeof requestId === "string" && requestId !== "";
}
