import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { attribute } from "@superbatch/telemetry";
import {
  ClientError,
  type ClientMiddleware,
  Metadata,
  ServerError,
  type ServerMiddleware,
  Status,
} from "nice-grpc-common";
import { isAbortError } from "./errors.ts";

const tracerName = "@superbatch/rpc";

/** A server span for each call, child of the caller's. Its context is active in the handler, in streams for every message. */
export const serverTracing: ServerMiddleware = (call, callContext) => {
  const parent = propagation.extract(ROOT_CONTEXT, callContext.metadata, {
    get: (metadata, key) => metadata.get(key) as string | undefined,
    keys: (metadata) => [...metadata].map(([key]) => key),
  });
  const span = startSpan(call.method.path, SpanKind.SERVER, parent);
  return inSpan(span, trace.setSpan(parent, span), () => call.next(call.request, callContext));
};

/** A client span for each call (each attempt, with retries), child of the active span; its context travels in the metadata. */
export const clientTracing: ClientMiddleware = (call, options) => {
  const parent = context.active();
  const span = startSpan(call.method.path, SpanKind.CLIENT, parent);
  const active = trace.setSpan(parent, span);
  const metadata = Metadata(options.metadata);
  propagation.inject(active, metadata, { set: (carrier, key, value) => void carrier.set(key, value) });
  return inSpan(span, active, () => call.next(call.request, { ...options, metadata }));
};

/** The span of a call that is served or made without middleware. */
export interface CallSpan {
  /** To be active in whatever the call does. */
  readonly context: Context;
  /** Whether there is a trace; without one nothing need be active. */
  readonly traced: boolean;
  /** @param error - what the call failed with; absent: it did not */
  end(code: Status, error?: unknown): void;
}

/** As {@link serverTracing}, for a call below nice-grpc. @param metadata - grpc-js's */
export function startServerSpan(
  path: string,
  metadata: { get(key: string): readonly unknown[]; toJSON(): Record<string, unknown> },
): CallSpan {
  const parent = propagation.extract(ROOT_CONTEXT, metadata, {
    get: (carrier, key) => carrier.get(key)[0] as string | undefined,
    keys: (carrier) => Object.keys(carrier.toJSON()),
  });
  return callSpan(startSpan(path, SpanKind.SERVER, parent), parent);
}

/** As {@link clientTracing}. @param set - takes the metadata that carry the span's context */
export function startClientSpan(path: string, set: (key: string, value: string) => void): CallSpan {
  const parent = context.active();
  const started = callSpan(startSpan(path, SpanKind.CLIENT, parent), parent);
  propagation.inject(started.context, set, { set: (carrier, key, value) => carrier(key, value) });
  return started;
}

function callSpan(span: Span, parent: Context): CallSpan {
  return {
    context: trace.setSpan(parent, span),
    traced: isSpanContextValid(span.spanContext()),
    end(code, error) {
      endSpan(span, code, error);
    },
  };
}

function endSpan(span: Span, code: Status, error: unknown): void {
  if (error !== undefined && code !== Status.CANCELLED) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
  }
  span.setAttribute(attribute.rpcStatusCode, Status[code]);
  span.end();
}

/** Named and attributed after OpenTelemetry's semantic conventions for RPC. No event per message: streams have thousands. */
function startSpan(path: string, kind: SpanKind, parent: Context): Span {
  const attributes = { [attribute.rpcSystemName]: "grpc", [attribute.rpcMethod]: path.slice(1) };
  // The tracer is asked for on each call: the provider may be registered after this module was loaded.
  return trace.getTracer(tracerName).startSpan(path.slice(1), { kind, attributes }, parent);
}

// biome-ignore lint/suspicious/noConfusingVoidType: what nice-grpc's middleware returns, a message or the end of a stream
type MiddlewareGenerator<Response> = AsyncGenerator<Response, Response | void, undefined>;
type CallGenerator<Response> = AsyncGenerator<Response, Response | undefined, undefined>;

/** Runs a call's generator with `active` as the current context in each step, and ends the span with the call. */
function inSpan<Response>(
  span: Span,
  active: Context,
  start: () => MiddlewareGenerator<Response>,
): CallGenerator<Response> {
  const generator = traced(span, start);
  const bound: CallGenerator<Response> = {
    next: () => context.with(active, () => generator.next()),
    return: (value) => context.with(active, () => generator.return(value)),
    throw: (error) => context.with(active, () => generator.throw(error)),
    [Symbol.asyncIterator]: () => bound,
    [Symbol.asyncDispose]: async () => void (await bound.return(undefined)),
  };
  return bound;
}

async function* traced<Response>(span: Span, start: () => MiddlewareGenerator<Response>): CallGenerator<Response> {
  // A consumer that leaves a stream early gets to the end by `return`, without an error.
  let status: Status = Status.CANCELLED;
  let failure: unknown;
  try {
    const result = yield* start();
    status = Status.OK;
    return result ?? undefined;
  } catch (error) {
    status = codeOf(error);
    failure = error;
    throw error;
  } finally {
    endSpan(span, status, failure);
  }
}

/** The code of what a call threw; CANCELLED for an abort. */
export function codeOf(error: unknown): Status {
  if (error instanceof ServerError || error instanceof ClientError) return error.code;
  return isAbortError(error) ? Status.CANCELLED : Status.UNKNOWN;
}
