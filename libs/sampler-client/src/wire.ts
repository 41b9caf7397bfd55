import { sampler } from "@superbatch/contracts";
import type { HistoryRecords, Report, ResolvedSpec, Scheme, SessionSpec, SessionStatus } from "@superbatch/is-sgd";

/**
 * Messages of superbatch.sampler.v1 to and from the types of @superbatch/is-sgd, for client and server. Numbers in `bytes` fields are
 * little-endian, as all machines that Node runs on are.
 */

const schemes = {
  uniform: sampler.Scheme.UNIFORM,
  "upper-bound": sampler.Scheme.UPPER_BOUND,
  loss: sampler.Scheme.LOSS,
  "loss-history": sampler.Scheme.LOSS_HISTORY,
} as const satisfies Record<Scheme, sampler.Scheme>;

export function specToProto(spec: ResolvedSpec): sampler.SessionSpec {
  const { adaptive, history } = spec;
  return {
    examples: spec.examples,
    batchSize: spec.batchSize,
    superBatchSize: spec.superBatchSize,
    scheme: schemes[spec.scheme],
    threshold: spec.threshold,
    smoothing: spec.smoothing,
    seed: spec.seed,
    costRatio: spec.threshold === undefined ? spec.costRatio : undefined,
    prefetch: spec.prefetch,
    workers: spec.workers,
    shards: spec.shards.map(({ start, end }) => ({ start, end })),
    maxWeight: spec.maxWeight,
    adaptive: adaptive ? { max: adaptive.max, growth: adaptive.growth } : undefined,
    history: { uniformShare: history.uniformShare, fadingSteps: history.fadingSteps },
  };
}

/** Absent and zero fields that mean a default are left out. Ranges are not checked here. */
export function specFromProto(spec: sampler.SessionSpec): SessionSpec {
  const { adaptive, history, threshold, smoothing, costRatio, maxWeight } = spec;
  const scheme = (Object.keys(schemes) as Scheme[]).find((name) => schemes[name] === spec.scheme);
  return {
    examples: spec.examples,
    batchSize: spec.batchSize,
    ...(spec.superBatchSize === 0 ? {} : { superBatchSize: spec.superBatchSize }),
    ...(spec.scheme === sampler.Scheme.UNSPECIFIED ? {} : { scheme: scheme ?? ("unrecognized" as Scheme) }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(smoothing === undefined ? {} : { smoothing }),
    seed: spec.seed,
    ...(costRatio === undefined ? {} : { costRatio }),
    prefetch: spec.prefetch,
    ...(spec.workers === 0 ? {} : { workers: spec.workers }),
    shards: spec.shards,
    ...(maxWeight === undefined ? {} : { maxWeight }),
    ...(adaptive
      ? { adaptive: { max: adaptive.max, ...(adaptive.growth === undefined ? {} : { growth: adaptive.growth }) } }
      : {}),
    history: {
      ...(history?.uniformShare === undefined ? {} : { uniformShare: history.uniformShare }),
      ...(history?.fadingSteps === undefined ? {} : { fadingSteps: history.fadingSteps }),
    },
  };
}

export function reportToProto({ round, part, scores }: Report): sampler.Scores {
  return { round, part, values: toBytes(scores instanceof Float32Array ? scores : new Float32Array(scores)) };
}

/** @throws {RangeError} if the bytes are not a whole number of float32 */
export function reportFromProto({ round, part, values }: sampler.Scores): Report {
  return { round, part, scores: toFloat32(values) };
}

export function statusToProto(status: SessionStatus): sampler.SessionStatus {
  return { ...status };
}

/** Records as they are kept on both sides. */
export interface RecordArrays extends HistoryRecords {
  readonly indices: Uint32Array;
  readonly losses: Float32Array;
  readonly steps: Uint32Array;
}

export function recordsToProto({ indices, losses, steps }: RecordArrays): sampler.HistoryRecords {
  return { indices: toBytes(indices), losses: toBytes(losses), rounds: toBytes(steps) };
}

/** @throws {RangeError} if the three are not of one length */
export function recordsFromProto({ indices, losses, rounds }: sampler.HistoryRecords): RecordArrays {
  const records = { indices: toUint32(indices), losses: toFloat32(losses), steps: toUint32(rounds) };
  if (records.losses.length !== records.indices.length || records.steps.length !== records.indices.length)
    throw new RangeError("indices, losses and rounds must have one length");
  return records;
}

function toBytes(values: Uint32Array | Float32Array): Buffer {
  return Buffer.from(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** A copy that starts at 0: the wire's buffers are at odd offsets, and parts of larger ones that they would keep alive. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  if (bytes.byteLength % 4 !== 0)
    throw new RangeError(`${bytes.byteLength} bytes are not a whole number of 4-byte values`);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

function toUint32(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(aligned(bytes));
}

function toFloat32(bytes: Uint8Array): Float32Array {
  return new Float32Array(aligned(bytes));
}
