import { performance } from "node:perf_hooks";
import { type ServerMiddleware, Status } from "nice-grpc-common";
import { fromUnknown, RpcError } from "./errors.ts";
import type { Logger } from "./logger.ts";

/**
 * Makes a status of whatever a handler throws, and logs the call: what this service did wrong at error, with its cause and the incident
 * id that the caller got; all else at debug.
 */
export function callMiddleware(logger: Logger): ServerMiddleware {
  return async function* handle(call, context) {
    const started = performance.now();
    const facts = () => ({ method: call.method.path, milliseconds: Math.round(performance.now() - started) });
    try {
      const result = yield* call.next(call.request, context);
      if (logger.isLevelEnabled("debug")) logger.debug({ ...facts(), code: "OK" }, "call");
      return result;
    } catch (reason) {
      // Work that stops because its caller left may fail in any way while it unwinds; nobody hears the answer.
      const left = context.signal.aborted && !(reason instanceof RpcError);
      const error = fromUnknown(left ? new DOMException("the caller left", "AbortError") : reason);
      const { code, details, cause } = error;
      const level = code === Status.INTERNAL || code === Status.UNKNOWN ? "error" : "debug";
      logger[level]({ ...facts(), code: Status[code], details, err: cause }, "call");
      throw error;
    }
  };
}
