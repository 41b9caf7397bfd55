import { sampler as contract } from "@superbatch/contracts";
import type { Answer, Report, SessionStatus, Task } from "@superbatch/is-sgd";
import { createWireWriter, readFields, sizeOf, type WireWriter } from "./wire-buffer.ts";

/**
 * The messages of the Sample stream, to and from the types of @superbatch/is-sgd without the generated code's objects in between. The same bytes as
 * that code writes and reads (tests compare them); a step of B = 512 takes a third of the time.
 */

/** A message of a worker: its scores, or anything else as the contract has it. */
export type WorkerMessage =
  | { readonly $case: "report"; readonly report: Report }
  | { readonly $case: "other"; readonly request: contract.SampleRequest };

/** The service with a Sample method that speaks {@link WorkerMessage} and {@link Answer}. */
export const samplerDefinition = {
  ...contract.SamplerServiceDefinition,
  methods: {
    ...contract.SamplerServiceDefinition.methods,
    sample: {
      ...contract.SamplerServiceDefinition.methods.sample,
      requestType: messageType(encodeWorkerMessage, decodeWorkerMessage),
      responseType: messageType(encodeAnswer, decodeAnswer),
    },
  },
} as const;

/** As much of a generated message type as a client or server calls. */
function messageType<T>(encode: (message: T) => Uint8Array, decode: (bytes: Uint8Array) => T) {
  return {
    encode: (message: T) => ({ finish: () => encode(message) }),
    decode,
    fromPartial: (message: T) => message,
  };
}

export function encodeWorkerMessage(message: WorkerMessage): Uint8Array {
  if (message.$case === "other") return contract.SampleRequest.encode(message.request).finish();
  const { round, part, scores } = message.report;
  const values = scores instanceof Float32Array ? scores : new Float32Array(scores);
  const size = sizeOf.varint(round) + sizeOf.varint(part) + sizeOf.bytes(values.byteLength);
  const writer = createWireWriter(sizeOf.message(size));
  writer.message(scoresField, size);
  writer.varint(1, round);
  writer.varint(2, part);
  writer.bytes(3, values);
  return writer.finish();
}

/** `scores` of SampleRequest's oneof. */
const scoresField = 2;

/** Scores that are not a whole number of float32 are left as the contract has them, for the receiver to refuse. */
export function decodeWorkerMessage(bytes: Uint8Array): WorkerMessage {
  const other = (): WorkerMessage => ({ $case: "other", request: contract.SampleRequest.decode(bytes) });
  if (bytes[0] !== scoresField * 8 + 2) return other();
  let [round, part] = [0, 0];
  let scores = new Float32Array(0);
  let whole = true;
  readFields(bytes, 0, bytes.length, ignore, (field, start, end) => {
    if (field !== scoresField) return;
    const numbers = (field: number, value: number) => {
      if (field === 1) round = value;
      if (field === 2) part = value;
    };
    readFields(bytes, start, end, numbers, (field, start, end) => {
      if (field !== 3) return;
      whole = (end - start) % 4 === 0;
      if (whole) scores = createArena(bytes).take(Float32Array, start, end);
    });
  });
  if (!whole) return other();
  return { $case: "report", report: { round, part, scores } };
}

const actions = ["unspecified", "train", "score"] as const;
const scoreUses = ["unspecified", "none", "optional", "required"] as const;

export function encodeAnswer({ tasks, status, token }: Answer): Uint8Array {
  const sizes = tasks.map(sizeOfTask);
  const statusSize = sizeOfStatus(status);
  const total = sizes.reduce((sum, size) => sum + sizeOf.message(size), 0);
  const writer = createWireWriter(total + sizeOf.message(statusSize) + sizeOf.bytes(token.length));
  for (const [k, task] of tasks.entries()) {
    writer.message(1, sizes[k]);
    writeTask(writer, task);
  }
  writer.message(2, statusSize);
  writeStatus(writer, status);
  writer.bytes(3, token);
  return writer.finish();
}

function sizeOfTask(task: Task): number {
  const train = task.action === "train" ? task : undefined;
  return (
    4 + // action and scores
    sizeOf.varint(task.round) +
    sizeOf.varint(task.part) +
    sizeOf.bytes(task.indices.byteLength) +
    sizeOf.bytes(train?.weights.byteLength ?? 0) +
    sizeOf.bytes(train?.positions?.byteLength ?? 0)
  );
}

function writeTask(writer: WireWriter, task: Task): void {
  const train = task.action === "train" ? task : undefined;
  writer.varint(1, actions.indexOf(task.action));
  writer.varint(2, task.round);
  writer.varint(3, task.part);
  writer.bytes(4, task.indices);
  writer.bytes(5, train?.weights);
  writer.bytes(6, train?.positions);
  writer.varint(7, scoreUses.indexOf(task.scores));
}

function sizeOfStatus(status: SessionStatus): number {
  return (
    sizeOf.varint(status.rounds) +
    sizeOf.varint(status.importanceRounds) +
    sizeOf.double(status.tau) +
    sizeOf.double(status.threshold) +
    sizeOf.varint(Number(status.importance)) +
    sizeOf.varint(status.superBatchSize) +
    sizeOf.double(status.effectiveSampleSize) +
    sizeOf.varint(Number(status.biased))
  );
}

function writeStatus(writer: WireWriter, status: SessionStatus): void {
  writer.varint(1, status.rounds);
  writer.varint(2, status.importanceRounds);
  writer.double(3, status.tau);
  writer.double(4, status.threshold);
  writer.varint(5, Number(status.importance));
  writer.varint(6, status.superBatchSize);
  writer.double(7, status.effectiveSampleSize);
  writer.varint(8, Number(status.biased));
}

/** @throws {RangeError} if a task makes no sense: the service is newer than this client, or not one */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const tasks: Task[] = [];
  const status = new Float64Array(9);
  let token = new Uint8Array(0);
  const arena = createArena(bytes);
  readFields(bytes, 0, bytes.length, ignore, (field, start, end) => {
    if (field === 1) tasks.push(decodeTask(bytes, start, end, arena));
    else if (field === 2)
      readFields(
        bytes,
        start,
        end,
        (field, value) => {
          if (field < status.length) status[field] = value;
        },
        ignore,
      );
    else if (field === 3) token = new Uint8Array(bytes.subarray(start, end));
  });
  const [, rounds, importanceRounds, tau, threshold, importance, superBatchSize, effectiveSampleSize, biased] = status;
  const measures = { rounds, importanceRounds, tau, threshold, superBatchSize, effectiveSampleSize };
  return { tasks, token, status: { ...measures, importance: importance === 1, biased: biased === 1 } };
}

const noIndices = new Uint32Array(0);
const noWeights = new Float32Array(0);

function decodeTask(bytes: Uint8Array, from: number, to: number, arena: Arena): Task {
  let [action, round, part, use] = [0, 0, 0, 0];
  let indices = noIndices;
  let weights = noWeights;
  let positions: Int32Array | undefined;
  const numbers = (field: number, value: number) => {
    if (field === 1) action = value;
    else if (field === 2) round = value;
    else if (field === 3) part = value;
    else if (field === 7) use = value;
  };
  readFields(bytes, from, to, numbers, (field, start, end) => {
    if (field === 4) indices = arena.take(Uint32Array, start, end);
    else if (field === 5) weights = arena.take(Float32Array, start, end);
    else if (field === 6) positions = arena.take(Int32Array, start, end);
  });
  const scores = scoreUses[use];
  if (actions[action] === "score" && scores === "required") return { action: "score", round, part, indices, scores };
  if (actions[action] !== "train" || !scores || scores === "unspecified")
    throw new RangeError(`the service sent a task that this client does not know: action ${action}, scores ${use}`);
  // A mini-batch of nobody's has neither weights nor positions on the wire.
  return { action: "train", round, part, indices, weights, ...(positions ? { positions } : {}), scores };
}

/** Where a message's numbers are copied to: one allocation for all of them, since each costs more than the copy. */
interface Arena {
  /** The bytes start … end of the message as numbers, at a place of their own. */
  take<T>(type: new (buffer: ArrayBuffer, offset: number, length: number) => T, start: number, end: number): T;
}

function createArena(bytes: Uint8Array): Arena {
  // Copies are needed because the wire's numbers are at odd offsets, in parts of larger buffers that they would keep alive.
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  let at = 0;
  return {
    take(type, start, end) {
      const length = end - start;
      if (length % 4 !== 0) throw new RangeError(`${length} bytes are not a whole number of 4-byte values`);
      copy.set(bytes.subarray(start, end), at);
      const numbers = new type(copy.buffer as ArrayBuffer, at, length / 4);
      at += length;
      return numbers;
    },
  };
}

function ignore(): void {}
