import { normalQuantile } from "./normal.ts";

/**
 * A seeded stream of random numbers. All libs that draw take one, so that a study with a seed can be run again.
 *
 * The generator is sfc32 (Chris Doty-Humphrey's "small fast counter", 128 bits of state, passes PractRand), seeded by hashing.
 */
export interface Rng {
  /** Next 32 random bits as an unsigned integer. */
  uint32(): number;
  /** Uniform in [0, 1), 53 random bits. */
  uniform(): number;
  /** Uniform integer in [0, n), without modulo bias. @throws {RangeError} if n is not an integer in [1, 2^53]. */
  integer(n: number): number;
  /** Standard normal deviate (inverse transform: one uniform each, so streams stay aligned). */
  normal(): number;
  /**
   * An independent stream, named by `label`. Depends only on this stream's seed and the label, not on how much was drawn,
   * so adding a draw in one place does not disturb another.
   */
  fork(label: string | number): Rng;
  /** The whole state as text, for {@link restoreRng}. */
  state(): string;
}

/** @param seed - any text or number; equal seeds give equal streams. */
export function createRng(seed: string | number | bigint): Rng {
  const key = String(seed);
  const rng = new Sfc32(key, hash128(key));
  // The published seeding discards some outputs, so that similar seeds do not start out alike.
  for (let i = 0; i < 15; i++) rng.uint32();
  return rng;
}

/** Continues a stream exactly where {@link Rng.state} was taken. @throws {RangeError} if the text is not such a state. */
export function restoreRng(state: string): Rng {
  const match = /^sfc32:([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{8}):(.*)$/s.exec(state);
  if (!match) throw new RangeError("not the state of a random number generator: it must start with sfc32:");
  const words = match.slice(1, 5).map((word) => Number.parseInt(word, 16));
  return new Sfc32(match[5]!, words as [number, number, number, number]);
}

class Sfc32 implements Rng {
  readonly #key: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(key: string, [a, b, c, counter]: readonly [number, number, number, number]) {
    this.#key = key;
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = counter | 0;
  }

  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    return result >>> 0;
  }

  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  integer(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`n must be an integer of at least 1, not ${n}`);
    if (n > 4294967296) return Math.floor(this.uniform() * n);
    // Reject the incomplete last block (Lemire's idea without the multiplication).
    const limit = 4294967296 - (4294967296 % n);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % n;
  }

  normal(): number {
    let u = this.uniform();
    while (u === 0) u = this.uniform();
    return normalQuantile(u);
  }

  fork(label: string | number): Rng {
    return createRng(`${this.#key}/${label}`);
  }

  state(): string {
    const words = [this.#a, this.#b, this.#c, this.#counter];
    return `sfc32:${words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("")}:${this.#key}`;
  }
}

/** Four 32-bit words from a text (cyrb128-style multiply and xor mixing; not for cryptography). */
function hash128(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  h1 ^= h2 ^ h3 ^ h4;
  return [h1, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}
