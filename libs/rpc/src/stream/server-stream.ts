import { Metadata, ServerInterceptingCall, type ServerInterceptor, type ServerListener } from "@grpc/grpc-js";
import { context } from "@opentelemetry/api";
import type { Principal } from "@superbatch/access";
import { Status } from "nice-grpc-common";
import { handedPrincipal, principalKey } from "../access/handed-principal.ts";
import type { CallRecorder } from "../call-middleware.ts";
import { refuseUndecodable } from "../decoding.ts";
import { statusObject } from "../status-object.ts";
import { startServerSpan } from "../tracing.ts";

/**
 * A bidirectional stream whose handler is called with each message as it comes. An async iterator costs a good part of what a small message takes
 * from socket to socket; where thousands of messages a second wait for each other, that is the stream's speed.
 */
export interface ServerStream<Response> {
  /** Who calls. */
  readonly principal: Principal;
  /** Aborted when the service begins to stop: the handler is to end the stream then. */
  readonly draining: AbortSignal;
  /** Sends a message, unless the stream has ended. The next request is read once most of what was sent is on its way: a caller that does not read is not served on. */
  send(message: Response): void;
  /** Ends the stream behind what was sent: with an error, or with OK. The first time counts. */
  end(error?: unknown): void;
}

/** Takes a stream's events. What `receive` and `halfClose` throw ends the stream with that status. */
export interface StreamHandler<Request> {
  receive(request: Request): void;
  /** The caller has sent its last message. The stream stays open until {@link ServerStream.end}. */
  halfClose(): void;
  /** The stream is over, for whatever reason. Called once, and nothing after it. */
  over(): void;
}

export type OpenStream<Request, Response> = (stream: ServerStream<Response>) => StreamHandler<Request>;

/** Unsent messages of a stream above which no further request is read. */
const unsentLimit = 4;

/**
 * Serves the methods of `streams` (by path, `/package.Service/Method`) in place of their handlers, and lets all others pass. To be installed behind the
 * guard, which has then seen to who calls.
 */
export function streamInterceptor(
  // biome-ignore lint/suspicious/noExplicitAny: messages of any type; `implement` has checked that they fit
  streams: ReadonlyMap<string, OpenStream<any, any>>,
  record: CallRecorder,
  draining: AbortSignal,
): ServerInterceptor {
  return (method, next) => {
    const open = streams.get(method.path);
    if (!open) return new ServerInterceptingCall(next);
    const call = record(method.path);
    let handler: StreamHandler<unknown> | undefined;
    let trace: ReturnType<typeof startServerSpan> | undefined;
    let ended = false;
    let unsent = 0;
    let held = false;

    function end(error?: unknown): void {
      if (ended) return;
      ended = true;
      if (error === undefined) {
        call.succeeded();
        trace?.end(Status.OK);
        next.sendStatus({ code: Status.OK as number, details: "" });
        return;
      }
      const status = call.failed(error);
      trace?.end(status.code, status);
      next.sendStatus(statusObject(status));
    }

    function attempt(action: () => void): void {
      try {
        if (trace?.traced) context.with(trace.context, action);
        else action();
      } catch (error) {
        end(error);
      }
    }

    function sent(): void {
      unsent--;
      if (!held || unsent >= unsentLimit) return;
      held = false;
      next.startRead();
    }

    const listener: ServerListener = {
      onReceiveMetadata(metadata) {
        trace = startServerSpan(method.path, metadata);
        const principal = handedPrincipal(metadata.get(principalKey)[0]);
        next.sendMetadata(new Metadata());
        attempt(() => {
          handler = open({
            principal,
            draining,
            send(message) {
              if (ended) return;
              unsent++;
              next.sendMessage(message, sent);
            },
            end,
          });
          next.startRead();
        });
      },
      onReceiveMessage(message) {
        if (ended) return;
        attempt(() => {
          refuseUndecodable(message);
          handler!.receive(message);
        });
        if (unsent < unsentLimit) next.startRead();
        else held = true;
      },
      onReceiveHalfClose() {
        if (!ended) attempt(() => handler?.halfClose());
      },
      onCancel() {
        if (!ended) {
          ended = true;
          call.cancelled();
          trace?.end(Status.CANCELLED);
        }
        handler?.over();
      },
    };
    return new ServerInterceptingCall(next, { start: (begin) => begin(listener) });
  };
}
