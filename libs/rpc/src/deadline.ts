import { ClientError, type ClientMiddleware, Metadata, Status } from "nice-grpc-common";
import type { ClientCallOptions } from "./retry.ts";

/** A day: what is longer is as good as none, and would overflow a timer. */
const longest = 24 * 3600 * 1000;

/**
 * Gives a call up at its deadline, and tells the server the time left (grpc-timeout), so that it stops too even if this client dies.
 *
 * @param defaultSeconds - for unary calls without a deadline of their own; streams have none by default.
 */
export function deadlineMiddleware(defaultSeconds: number): ClientMiddleware<unknown, ClientCallOptions> {
  return async function* limit(call, options) {
    const unary = !call.requestStream && !call.responseStream;
    const deadline = options.deadline ?? (unary ? new Date(Date.now() + defaultSeconds * 1000) : undefined);
    const left = deadline ? deadline.getTime() - Date.now() : Number.POSITIVE_INFINITY;
    if (deadline === undefined || left > longest) return yield* call.next(call.request, options);
    const late = () => new ClientError(call.method.path, Status.DEADLINE_EXCEEDED, "the deadline passed");
    if (left <= 0) throw late();

    // Not AbortSignal.timeout, whose timer would outlive each of thousands of calls a second.
    const controller = new AbortController();
    let passed = false;
    const timer = setTimeout(() => {
      passed = true;
      controller.abort();
    }, Math.ceil(left));
    const leave = () => controller.abort();
    if (options.signal?.aborted) leave();
    options.signal?.addEventListener("abort", leave);
    const metadata = Metadata(options.metadata).set("grpc-timeout", `${Math.ceil(left)}m`);
    try {
      return yield* call.next(call.request, { ...options, deadline, signal: controller.signal, metadata });
    } catch (error) {
      throw passed ? late() : error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", leave);
    }
  };
}
