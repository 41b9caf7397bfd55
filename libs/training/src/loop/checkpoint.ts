import { createHash } from "node:crypto";
import type { HistoryRecords } from "@superbatch/is-sgd";
import type { Cost } from "./cost.ts";
import type { ModelState } from "./model.ts";
import type { LearningCurvePoint } from "./result.ts";

/** Where the checkpoint of one run is kept. */
export interface CheckpointStore {
  /** The last one saved, or undefined. */
  load(): Promise<Uint8Array | undefined>;
  /** Replaces the last one. A reader sees the old or the new one, never a part. */
  save(bytes: Uint8Array): Promise<void>;
  /** Its result is safe elsewhere. Removing what is not there is no error. */
  remove(): Promise<void>;
}

/** What counts in a run, besides its tensors. */
export interface RunState {
  step: number;
  importanceSteps: number;
  /** Whether the last step was importance-sampled. */
  importanceSampling: boolean;
  /** Examples that took part in gradient steps. */
  seen: number;
  /** Sum and number of weighted losses since the last point of the curve. */
  lossSum: number;
  lossSteps: number;
  readonly curve: LearningCurvePoint[];
}

/** Everything that continues a run exactly where it was, on this machine or another. */
export interface Checkpoint {
  readonly run: RunState;
  readonly model: ModelState;
  /** State of the augmentation's random numbers. */
  readonly augmentation: string;
  /** Token of the sampler: its next task is the one that was at hand. */
  readonly sampler: Uint8Array;
  /** Losses that a sampler by `loss_history` has recorded. */
  readonly records?: HistoryRecords | undefined;
  /** Seconds of training so far. */
  readonly elapsed: number;
  /** What all attempts so far have spent. */
  readonly cost: Cost;
}

const DIGEST_BYTES = 32;

/**
 * Bytes: length of the header (uint32, little-endian), header (JSON), the tensors' float32 values in order, recorded losses (indices, float32 losses,
 * steps), SHA-256 of all before.
 *
 * @param fingerprint - of the run: its configuration, data, architecture and seed.
 */
export function encodeCheckpoint(
  { run, model, sampler, records, ...rest }: Checkpoint,
  fingerprint: string,
): Uint8Array {
  const { tensors, ...modelRest } = model;
  const header = Buffer.from(
    JSON.stringify({
      fingerprint,
      ...rest,
      run,
      model: modelRest,
      tensors: tensors.map(({ name, values }) => ({ name, length: values.length })),
      sampler: Buffer.from(sampler).toString("base64"),
      ...(records ? { records: records.indices.length } : {}),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const recorded = records
    ? [Uint32Array.from(records.indices), Float32Array.from(records.losses), Uint32Array.from(records.steps)]
    : [];
  const values = [...tensors.map((tensor) => tensor.values), ...recorded].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const body = Buffer.concat([length, header, ...values]);
  return Buffer.concat([body, digest(body)]);
}

/** @returns undefined if the bytes are damaged or belong to another run: it then starts from the beginning. */
export function decodeCheckpoint(bytes: Uint8Array, fingerprint: string): Checkpoint | undefined {
  const body = Buffer.from(bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES)));
  if (body.length < 4 || !digest(body).equals(bytes.subarray(body.length))) return undefined;
  const headerEnd = 4 + body.readUInt32LE(0);
  const header = JSON.parse(body.toString("utf8", 4, headerEnd)) as Omit<Checkpoint, "sampler" | "model"> & {
    fingerprint: string;
    sampler: string;
    model: Omit<ModelState, "tensors">;
    tensors: { name: string; length: number }[];
    records?: number;
  };
  if (header.fingerprint !== fingerprint) return undefined;
  let start = headerEnd;
  const take = (length: number): ArrayBuffer => {
    const end = start + 4 * length;
    // A copy, since an array of larger elements cannot begin at any byte.
    const { buffer } = Uint8Array.from(body.subarray(start, end));
    start = end;
    return buffer;
  };
  const tensors = header.tensors.map(({ name, length }) => ({ name, values: new Float32Array(take(length)) }));
  const count = header.records;
  const records: HistoryRecords | undefined =
    count === undefined
      ? undefined
      : {
          indices: new Uint32Array(take(count)),
          losses: new Float32Array(take(count)),
          steps: new Uint32Array(take(count)),
        };
  const { run, augmentation, elapsed, cost } = header;
  const sampler = Buffer.from(header.sampler, "base64");
  const model = { ...header.model, tensors };
  return { run, augmentation, elapsed, cost, sampler, model, ...(records && { records }) };
}

/** @param parts - what two runs must agree in so that one can continue the other; anything that JSON can hold. */
export function fingerprintOf(...parts: readonly unknown[]): string {
  return digest(Buffer.from(JSON.stringify(parts))).toString("hex");
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
