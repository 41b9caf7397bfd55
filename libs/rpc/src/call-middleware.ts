import { performance } from "node:perf_hooks";
import { metrics } from "@opentelemetry/api";
import { attribute, metricName } from "@superbatch/telemetry";
import { type ServerMiddleware, Status } from "nice-grpc-common";
import { fromUnknown, RpcError } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** Upper bounds of the histogram's buckets in seconds, as OpenTelemetry's semantic conventions for RPC advise. */
const explicitBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Makes a status of whatever a handler throws, logs the call (what this service did wrong at error, with its cause and the incident
 * id that the caller got; all else at debug), and measures it as {@link metricName.serverCallDuration}.
 */
export function callMiddleware(logger: Logger): ServerMiddleware {
  const duration = metrics.getMeter("@superbatch/rpc").createHistogram(metricName.serverCallDuration, {
    description: "How long calls took.",
    unit: "s",
    advice: { explicitBucketBoundaries },
  });

  return async function* handle(call, context) {
    const started = performance.now();
    const end = (code: string): { method: string; code: string; milliseconds: number } => {
      const milliseconds = performance.now() - started;
      const method = call.method.path.slice(1);
      duration.record(milliseconds / 1000, {
        [attribute.rpcSystemName]: "grpc",
        [attribute.rpcMethod]: method,
        [attribute.rpcStatusCode]: code,
      });
      return { method, code, milliseconds: Math.round(milliseconds) };
    };
    try {
      const result = yield* call.next(call.request, context);
      const facts = end("OK");
      if (logger.isLevelEnabled("debug")) logger.debug(facts, "call");
      return result;
    } catch (reason) {
      // Work that stops because its caller left may fail in any way while it unwinds; nobody hears the answer.
      const left = context.signal.aborted && !(reason instanceof RpcError);
      const error = fromUnknown(left ? new DOMException("the caller left", "AbortError") : reason);
      const { code, details, cause } = error;
      const level = code === Status.INTERNAL || code === Status.UNKNOWN ? "error" : "debug";
      logger[level]({ ...end(Status[code]), details, err: cause }, "call");
      throw error;
    }
  };
}
