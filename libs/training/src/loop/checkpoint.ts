import { createHash } from "node:crypto";
import type { Cost } from "./cost.ts";
import type { ModelState } from "./model.ts";
import type { LearningCurvePoint } from "./result.ts";

/** Where the checkpoint of one run is kept. */
export interface CheckpointStore {
  /** The last one saved, or undefined. */
  load(): Promise<Uint8Array | undefined>;
  /** Replaces the last one. A reader sees the old or the new one, never a part. */
  save(bytes: Uint8Array): Promise<void>;
  /** The run has a result. Removing what is not there is no error. */
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
  /** Seconds of training so far. */
  readonly elapsed: number;
  /** What all attempts so far have spent. */
  readonly cost: Cost;
}

const DIGEST_BYTES = 32;

/**
 * Bytes: length of the header (uint32, little-endian), header (JSON), the tensors' float32 values in order, SHA-256 of all before.
 *
 * @param fingerprint - of the run: its configuration, data, architecture and seed.
 */
export function encodeCheckpoint({ run, model, sampler, ...rest }: Checkpoint, fingerprint: string): Uint8Array {
  const { tensors, ...modelRest } = model;
  const header = Buffer.from(
    JSON.stringify({
      fingerprint,
      ...rest,
      run,
      model: modelRest,
      tensors: tensors.map(({ name, values }) => ({ name, length: values.length })),
      sampler: Buffer.from(sampler).toString("base64"),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const values = tensors.map((tensor) =>
    Buffer.from(tensor.values.buffer, tensor.values.byteOffset, tensor.values.byteLength),
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
  };
  if (header.fingerprint !== fingerprint) return undefined;
  let start = headerEnd;
  const tensors = header.tensors.map(({ name, length }) => {
    const end = start + 4 * length;
    // A copy, since a Float32Array cannot begin at any byte.
    const values = new Float32Array(Uint8Array.from(body.subarray(start, end)).buffer);
    start = end;
    return { name, values };
  });
  const { run, augmentation, elapsed, cost } = header;
  const sampler = Buffer.from(header.sampler, "base64");
  return { run, augmentation, elapsed, cost, sampler, model: { ...header.model, tensors } };
}

/** @param parts - what two runs must agree in so that one can continue the other; anything that JSON can hold. */
export function fingerprintOf(...parts: readonly unknown[]): string {
  return digest(Buffer.from(JSON.stringify(parts))).toString("hex");
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
