import { FieldError } from "./field-error.ts";
import type { Member } from "./membership.ts";
import type { RoundKind } from "./round.ts";
import type { ResolvedSpec } from "./spec.ts";

/**
 * All of a session's state except recorded losses: counters, τ, B, the members, and for each round that is handed out what it takes to draw it
 * again from the seed. About 150 bytes for one worker. Of the loss history it holds the mean; the records themselves come back from the workers, which
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
  /** Absent: the session's members. */
  readonly members?: readonly Member[];
}

const version = 1;

/** @returns UTF-8 text: a checksum, then the state as JSON. Opaque to callers. */
export function encodeToken(state: TokenState, spec: ResolvedSpec): Uint8Array {
  const body = JSON.stringify([version, specHash(spec), state]);
  return new TextEncoder().encode(`${hash(body)}${body}`);
}

/** @throws {FieldError} naming `token`: not a token, damaged, or one of a session with another spec */
export function decodeToken(token: Uint8Array, spec: ResolvedSpec): TokenState {
  const text = new TextDecoder().decode(token);
  const body = text.slice(8);
  if (hash(body) !== text.slice(0, 8)) throw new FieldError("token", "is damaged or not a token of a session");
  const [written, wrote, state] = JSON.parse(body) as [number, string, TokenState];
  if (written !== version) throw new FieldError("token", `has format ${written}; this server reads format ${version}`);
  if (wrote !== specHash(spec)) throw new FieldError("token", "belongs to a session with another spec");
  return state;
}

const specHashes = new WeakMap<ResolvedSpec, string>();

function specHash(spec: ResolvedSpec): string {
  const known = specHashes.get(spec);
  if (known) return known;
  const entries = Object.entries(spec).sort(([a], [b]) => (a < b ? -1 : 1));
  const computed = hash(JSON.stringify(entries));
  specHashes.set(spec, computed);
  return computed;
}

/** FNV-1a, 32 bits, over UTF-16 units: tells damage from intent to continue, not protection from forgery. */
function hash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(16).padStart(8, "0");
}
