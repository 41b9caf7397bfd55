import { type Channel, Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type ClientError, Status } from "nice-grpc-common";
import { clientError } from "../status-object.ts";
import { codeOf, startClientSpan } from "../tracing.ts";

/** A bidirectional stream, message by message: {@link ServerStream}'s other end. */
export interface ClientStream<Request, Response> {
  send(message: Request): void;
  /**
   * The next message, undefined behind the last one. One call at a time.
   *
   * @throws {ClientError} the stream failed; RichClientError with details. The signal's reason, if it was aborted.
   */
  receive(): Promise<Response | undefined>;
  /** No more messages will be sent. */
  end(): void;
  /** Drops the stream. */
  cancel(): void;
}

/** A bidirectional method as ts-proto describes it, as far as a stream needs it. */
export interface StreamMethod<Request, Response> {
  readonly name: string;
  readonly requestType: { encode(message: Request): { finish(): Uint8Array } };
  readonly responseType: { decode(bytes: Uint8Array): Response };
}

/** Messages that wait to be received above which no more are read. */
const waitingLimit = 16;

/** @param path - `/package.Service/Method` @param token - bearer token */
export function openClientStream<Request, Response>(
  channel: Channel,
  path: string,
  { requestType, responseType }: StreamMethod<Request, Response>,
  token: string | undefined,
  signal?: AbortSignal,
): ClientStream<Request, Response> {
  signal?.throwIfAborted();
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  const span = startClientSpan(path, (key, value) => metadata.set(key, value));
  // The channel has the credentials.
  const client = new Client("", credentials.createInsecure(), { channelOverride: channel });
  const encode = (message: Request) => {
    const bytes = requestType.encode(message).finish();
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const call = client.makeBidiStreamRequest(path, encode, (bytes) => responseType.decode(bytes), metadata);
  const waiting: Response[] = [];
  let over: { error?: unknown } | undefined;
  let receiver: { resolve(message: Response | undefined): void; reject(error: unknown): void } | undefined;

  function finish(outcome: { error?: unknown }): void {
    if (over) return;
    over = outcome;
    signal?.removeEventListener("abort", abort);
    span.end(outcome.error === undefined ? Status.OK : codeOf(outcome.error), outcome.error);
    const pending = receiver;
    receiver = undefined;
    if (outcome.error === undefined) pending?.resolve(undefined);
    else pending?.reject(outcome.error);
  }

  function abort(): void {
    finish({ error: signal!.reason });
    call.cancel();
  }

  signal?.addEventListener("abort", abort, { once: true });
  call.on("data", (message: Response) => {
    if (!receiver) {
      waiting.push(message);
      if (waiting.length >= waitingLimit) call.pause();
      return;
    }
    const { resolve } = receiver;
    receiver = undefined;
    resolve(message);
  });
  // The end comes behind the messages that arrived before it, an error does not.
  let failure: ClientError | undefined;
  call.on("error", (error: ServiceError) => {
    failure = clientError(path, error);
    // A stream that failed before it was connected may have no end.
    if (!call.isPaused()) setImmediate(() => finish({ error: failure }));
  });
  call.on("end", () => finish(failure ? { error: failure } : {}));
  return {
    send: (message) => void call.write(message),
    receive() {
      const message = waiting.shift();
      if (message !== undefined) {
        if (waiting.length < waitingLimit && call.isPaused()) call.resume();
        return Promise.resolve(message);
      }
      if (over) return over.error === undefined ? Promise.resolve(undefined) : Promise.reject(over.error);
      return new Promise((resolve, reject) => {
        receiver = { resolve, reject };
      });
    },
    end: () => call.end(),
    cancel: () => call.cancel(),
  };
}
