import { FieldError } from "./field-error.ts";
import type { Member } from "./membership.ts";
import type { RoundKind } from "./round.ts";
import type { ResolvedSpec } from "./spec.ts";
import { createTokenReader, createTokenWriter, type TokenReader, type TokenWriter } from "./token-bytes.ts";

/**
 * All of a session's state except recorded losses: counters, τ, B, the members, and for each round that is handed out what it takes to draw it
 * again from the seed. About 80 bytes for one worker. Of the loss history it holds the mean; the records themselves come back from the workers, which
 * keep what they reported ({@link HistoryRecords}).
 */
export interface TokenState {
  readonly tau: number;
  readonly superBatchSize: number;
  readonly rounds: number;
  readonly importanceRounds: number;
  readonly effectiveSampleSize: number;
  readonly biased: boolean;
  readonly started: boolean;
  /** μ of the loss history; 0 without one. */
  readonly historyMean: number;
  readonly members: readonly Member[];
  readonly outstanding: readonly TokenRound[];
}

export interface TokenRound {
  readonly kind: RoundKind;
  readonly size: number;
  readonly historyMean: number;
  /** Who took part when it was handed out. Absent: the session's members. */
  readonly members?: readonly Member[];
  /** Those of them that have left since, in order. Absent: none. */
  readonly left?: readonly string[];
}

const version = 2;
/** Version, checksum of all that follows, hash of the spec. */
const headerBytes = 9;
const kinds: readonly RoundKind[] = ["uniform", "importance", "history"];

/** Made for each answer, and so to be cheap: fixed fields, and the members' part kept from one answer to the next. */
export function encodeToken(state: TokenState, spec: ResolvedSpec): Uint8Array {
  const writer = createTokenWriter();
  writer.uint8(version);
  writer.uint32(0); // the checksum's place
  writer.uint32(specHash(spec));
  writer.float64(state.tau);
  writer.uint32(state.superBatchSize);
  writer.float64(state.rounds);
  writer.float64(state.importanceRounds);
  writer.float64(state.effectiveSampleSize);
  writer.float64(state.historyMean);
  writer.uint8((state.biased ? 1 : 0) + (state.started ? 2 : 0));
  writer.bytes(membersPart(state.members));
  writer.uint8(state.outstanding.length);
  for (const { kind, size, historyMean, members, left } of state.outstanding) {
    writer.uint8(kinds.indexOf(kind) + (members ? 8 : 0) + (left ? 16 : 0));
    writer.uint32(size);
    writer.float64(historyMean);
    if (members) writer.bytes(membersPart(members));
    if (left) writer.texts(left);
  }
  const token = writer.finish();
  new DataView(token.buffer, token.byteOffset).setUint32(1, checksum(token, headerBytes - 4), true);
  return token;
}

/** @throws {FieldError} naming `token`: not a token, damaged, or one of a session with another spec */
export function decodeToken(token: Uint8Array, spec: ResolvedSpec): TokenState {
  const reader = createTokenReader(token);
  try {
    const written = reader.uint8();
    if (written !== version)
      throw new FieldError("token", `has format ${written}; this version reads format ${version}`);
    if (reader.uint32() !== checksum(token, headerBytes - 4)) throw damaged();
    if (reader.uint32() !== specHash(spec)) throw new FieldError("token", "belongs to a session with another spec");
    return checked(readState(reader), spec);
  } catch (error) {
    // Read beyond the end, or text that is none.
    if (error instanceof RangeError || error instanceof TypeError) throw damaged();
    throw error;
  }
}

function readState(reader: TokenReader): TokenState {
  const tau = reader.float64();
  const superBatchSize = reader.uint32();
  const rounds = reader.float64();
  const importanceRounds = reader.float64();
  const effectiveSampleSize = reader.float64();
  const historyMean = reader.float64();
  const flags = reader.uint8();
  const members = readMembers(reader);
  const outstanding = Array.from({ length: reader.uint8() }, (): TokenRound => {
    const head = reader.uint8();
    const round = { kind: kinds[head % 8], size: reader.uint32(), historyMean: reader.float64() };
    const members = head & 8 ? { members: readMembers(reader) } : {};
    return { ...round, ...members, ...(head & 16 ? { left: reader.texts() } : {}) };
  });
  reader.end();
  const measures = { tau, superBatchSize, rounds, importanceRounds, effectiveSampleSize, historyMean };
  return { ...measures, biased: (flags & 1) !== 0, started: (flags & 2) !== 0, members, outstanding };
}

/** The checksum is no signature: whoever forges a token must not get more out of it than the spec allows. */
function checked(state: TokenState, spec: ResolvedSpec): TokenState {
  const largest = Math.max(spec.superBatchSize, spec.adaptive?.max ?? 0);
  const within = (size: number, from: number) => size >= from && size <= largest;
  const counts = [state.rounds, state.importanceRounds].every((count) => Number.isSafeInteger(count) && count >= 0);
  const measures = [
    state.tau,
    state.effectiveSampleSize,
    state.historyMean,
    ...state.outstanding.map((round) => round.historyMean),
  ];
  const holds =
    counts &&
    measures.every((measure) => measure >= 0 && Number.isFinite(measure)) &&
    within(state.superBatchSize, spec.superBatchSize) &&
    state.outstanding.length <= 1 + spec.prefetch &&
    state.outstanding.every(({ kind, size }) => kind !== undefined && within(size, 1));
  if (!holds) throw damaged();
  return state;
}

function damaged(): FieldError {
  return new FieldError("token", "is damaged or not a token of a session");
}

const memberParts = new WeakMap<readonly Member[], Uint8Array>();

function membersPart(members: readonly Member[]): Uint8Array {
  let part = memberParts.get(members);
  if (!part) {
    const writer = createTokenWriter();
    writeMembers(writer, members);
    part = writer.finish();
    memberParts.set(members, part);
  }
  return part;
}

function writeMembers(writer: TokenWriter, members: readonly Member[]): void {
  writer.uint32(members.length);
  for (const { worker, shards } of members) {
    writer.text(worker);
    writer.uint32(shards.length);
    for (const shard of shards) writer.uint32(shard);
  }
}

function readMembers(reader: TokenReader): Member[] {
  const members: Member[] = [];
  for (let left = reader.uint32(); left > 0; left--) {
    const worker = reader.text();
    const shards: number[] = [];
    for (let rest = reader.uint32(); rest > 0; rest--) shards.push(reader.uint32());
    members.push({ worker, shards });
  }
  return members;
}

const specHashes = new WeakMap<ResolvedSpec, number>();

function specHash(spec: ResolvedSpec): number {
  let hash = specHashes.get(spec);
  if (hash === undefined) {
    const entries = Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1));
    hash = checksum(new TextEncoder().encode(JSON.stringify(entries)), 0);
    specHashes.set(spec, hash);
  }
  return hash;
}

/** FNV-1a, 32 bits, of the bytes from `start` on: tells damage from intent to continue, not protection from forgery. */
function checksum(bytes: Uint8Array, start: number): number {
  let h = 0x811c9dc5;
  for (let i = start; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h >>> 0;
}
