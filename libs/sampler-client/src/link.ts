import type { sampler as contract } from "@superbatch/contracts";
import type { Answer, Report } from "@superbatch/is-sgd";
import { ClientError, type ClientHandle, Status } from "@superbatch/rpc";
import { samplerDefinition, type WorkerMessage } from "./stream-codec.ts";
import { type RecordArrays, recordsToProto } from "./wire.ts";

type Handle = ClientHandle<typeof samplerDefinition>;

/** One stream of a worker to one replica. After an error it is of no more use. */
export interface Link {
  /** Says who is there, with recorded losses first if they are asked for, and resolves with the first answer. */
  start(start: contract.SampleStart, records?: RecordArrays): Promise<Answer>;
  send(report: Report): void;
  /** The next answer. @throws {ClientError} if the stream ended */
  next(): Promise<Answer>;
  /** Half-closes: the worker leaves the session. Resolves when the service has ended the stream too, or failed. */
  leave(): Promise<void>;
  /** Drops the stream; the worker stays a member for the service's grace period. */
  abandon(): void;
}

/** Records per message: 3 MiB, below the default limit of other implementations. */
const recordsPerMessage = 2 ** 18;

export function createLink(handle: Handle, signal?: AbortSignal): Link {
  const stream = handle.openStream(samplerDefinition.methods.sample, signal);
  async function next(): Promise<Answer> {
    const answer = await stream.receive();
    if (answer) return answer;
    throw new ClientError(
      "/superbatch.sampler.v1.SamplerService/Sample",
      Status.UNAVAILABLE,
      "the service ended the stream",
    );
  }
  return {
    start(start, records) {
      for (let k = 0; records && (k === 0 || k < records.indices.length); k += recordsPerMessage) {
        const end = k + recordsPerMessage;
        const { indices, losses, steps } = records;
        const chunk = { indices: indices.slice(k, end), losses: losses.slice(k, end), steps: steps.slice(k, end) };
        stream.send(other({ $case: "history", value: recordsToProto(chunk) }));
      }
      stream.send(other({ $case: "start", value: start }));
      return next();
    },
    send: (report) => stream.send({ $case: "report", report }),
    next,
    async leave() {
      stream.end();
      try {
        for (;;) await next();
      } catch {
        // The worker has left either way.
      }
    },
    abandon() {
      stream.cancel();
    },
  };
}

function other(message: contract.SampleRequest["message"]): WorkerMessage {
  return { $case: "other", request: { message } };
}
