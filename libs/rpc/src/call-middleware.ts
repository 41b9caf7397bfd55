import { performance } from "node:perf_hooks";
import { metrics } from "@opentelemetry/api";
import { attribute, metricName } from "@superbatch/telemetry";
import { type ServerError, type ServerMiddleware, Status } from "nice-grpc-common";
import { fromUnknown, RpcError } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** Upper bounds of the histogram's buckets in seconds, as OpenTelemetry's semantic conventions for RPC advise. */
const explicitBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Logs and measures one call. */
export interface CallRecord {
  succeeded(): void;
  /**
   * Makes a status of whatever a handler threw.
   *
   * @param left - whether the caller has left: work that stops because of it may fail in any way while it unwinds; nobody hears the answer
   */
  failed(reason: unknown, left?: boolean): ServerError;
  /** The caller left before the call had a status. */
  cancelled(): void;
}

/** Begins the record of a call. @param path - `/package.Service/Method` */
export type CallRecorder = (path: string) => CallRecord;

/**
 * Records calls: what this service did wrong at error, with its cause and the incident id that the caller got, all else at debug; and measured as
 * {@link metricName.serverCallDuration}.
 */
export function callRecorder(logger: Logger): CallRecorder {
  const duration = metrics.getMeter("@superbatch/rpc").createHistogram(metricName.serverCallDuration, {
    description: "How long calls took.",
    unit: "s",
    advice: { explicitBucketBoundaries },
  });
  return (path) => {
    const started = performance.now();
    const method = path.slice(1);
    function end(code: string) {
      const milliseconds = performance.now() - started;
      duration.record(milliseconds / 1000, {
        [attribute.rpcSystemName]: "grpc",
        [attribute.rpcMethod]: method,
        [attribute.rpcStatusCode]: code,
      });
      return { method, code, milliseconds: Math.round(milliseconds) };
    }
    function failed(reason: unknown, left = false): ServerError {
      const gone = left && !(reason instanceof RpcError);
      const error = fromUnknown(gone ? new DOMException("the caller left", "AbortError") : reason);
      const { code, details, cause } = error;
      const level = code === Status.INTERNAL || code === Status.UNKNOWN ? "error" : "debug";
      logger[level]({ ...end(Status[code]), details, err: cause }, "call");
      return error;
    }
    return {
      succeeded() {
        const facts = end("OK");
        if (logger.isLevelEnabled("debug")) logger.debug(facts, "call");
      },
      failed,
      cancelled: () => void failed(undefined, true),
    };
  };
}

/** Makes a status of whatever a handler throws, and records the call. */
export function callMiddleware(record: CallRecorder): ServerMiddleware {
  return async function* handle(call, context) {
    const recorded = record(call.method.path);
    try {
      const result = yield* call.next(call.request, context);
      recorded.succeeded();
      return result;
    } catch (reason) {
      throw recorded.failed(reason, context.signal.aborted);
    }
  };
}
