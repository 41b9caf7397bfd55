import { setTimeout as sleep } from "node:timers/promises";
import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { FuzzedMethod } from "./contracts.ts";
import type { Names } from "./names.ts";

/** How a call ended. */
export interface Outcome {
  readonly code: status;
  readonly details: string;
  /** True if it was ended from here: a stream that goes on, a poll that waits. */
  readonly left: boolean;
  readonly milliseconds: number;
}

const identity = (bytes: Uint8Array) => Buffer.from(bytes);

/** Calls that wait or go on by design: they are left after a while, which is no failure. */
const patient: ReadonlySet<string> = new Set(["LeaseTrials", "WatchStudy", "Sample", "Train"]);
/** Seconds in which any other call must be answered. */
export const patience = 60;
/** Milliseconds after which a patient call is left. */
const leaveAfter = 100;

/** @param security - @default none */
export function rawClient(address: string, security = credentials.createInsecure()): Client {
  return new Client(address, security, {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.max_reconnect_backoff_ms": 500,
  });
}

/** Sends messages as they are, and learns names from the answers. */
export async function send(
  client: Client,
  { method, path }: FuzzedMethod,
  messages: readonly Uint8Array[],
  names: Names,
  metadata = new Metadata(),
): Promise<Outcome> {
  const started = performance.now();
  const waits = patient.has(method.name);
  const deadline = Date.now() + 1000 * patience;
  let left = false;
  const end = (code: status, details: string): Outcome => ({
    code,
    details,
    left,
    milliseconds: performance.now() - started,
  });
  const learn = (bytes: Buffer) => learnFrom(method.output, bytes, names);

  return new Promise((resolve) => {
    const answered = (error: ServiceError | null, response?: Buffer) => {
      if (response) learn(response);
      resolve(end(error?.code ?? status.OK, error?.details ?? ""));
    };
    const kind = method.methodKind;
    if (kind === "unary") {
      const call = client.makeUnaryRequest(
        path,
        identity,
        identity,
        Buffer.from(messages[0]!),
        metadata,
        { deadline },
        answered,
      );
      if (waits) leave(call);
      return;
    }
    if (kind === "client_streaming") {
      const call = client.makeClientStreamRequest(path, identity, identity, metadata, { deadline }, answered);
      for (const message of messages) call.write(Buffer.from(message));
      call.end();
      return;
    }
    const follow = (call: ClientReadableStream<Buffer>) => {
      call.on("data", learn);
      call.on("error", () => {});
      call.on("status", ({ code, details }) => resolve(end(code, details)));
      if (waits) leave(call);
    };
    if (kind === "server_streaming") {
      follow(
        client.makeServerStreamRequest(path, identity, identity, Buffer.from(messages[0]!), metadata, { deadline }),
      );
      return;
    }
    const call = client.makeBidiStreamRequest(path, identity, identity, metadata, { deadline });
    follow(call);
    for (const message of messages) call.write(Buffer.from(message));
    call.end();
  });

  function leave(call: { cancel(): void }): void {
    void sleep(leaveAfter, undefined, { ref: false }).then(() => {
      left = true;
      call.cancel();
    });
  }
}

function learnFrom(type: DescMessage, bytes: Buffer, names: Names): void {
  names.learn(type, fromBinary(type, bytes));
}
