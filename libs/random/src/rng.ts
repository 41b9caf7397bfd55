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

/**
 * Inverse of the standard normal distribution function, relative error below 1.2e-9 before and about 1e-15 after one step of
 * Halley's method (Acklam's rational approximation, refined).
 *
 * @param p - probability in (0, 1); 0 and 1 give −∞ and ∞.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must be in [0, 1], not ${p}`);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  // By symmetry only the lower half is computed: there the distribution function has full relative precision.
  if (p > 0.5) return -normalQuantile(1 - p);
  let x: number;
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    x =
      (((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
  } else {
    const q = p - 0.5;
    const r = q * q;
    x =
      ((((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.38357751867269e2) * r -
        3.066479806614716e1) *
        r +
        2.506628277459239) *
        q) /
      (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r + 6.680131188771972e1) * r -
        1.328068155288572e1) *
        r +
        1);
  }
  const error = normalCdf(x) - p;
  const u = error * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
  return x - u / (1 + (x * u) / 2);
}

/** Standard normal distribution function, absolute error below 1e-15 and relative error below 1e-13 in the lower tail (Hart's algorithm as given by West 2005, with a longer fraction). */
export function normalCdf(x: number): number {
  const z = Math.abs(x);
  if (z > 38) return x > 0 ? 1 : 0;
  const density = Math.exp((-z * z) / 2);
  let tail: number;
  if (z < 7.07106781186547) {
    const top =
      (((((3.52624965998911e-2 * z + 0.700383064443688) * z + 6.37396220353165) * z + 33.912866078383) * z +
        112.079291497871) *
        z +
        221.213596169931) *
        z +
      220.206867912376;
    const bottom =
      ((((((8.83883476483184e-2 * z + 1.75566716318264) * z + 16.064177579207) * z + 86.7807322029461) * z +
        296.564248779674) *
        z +
        637.333633378831) *
        z +
        793.826512519948) *
        z +
      440.413735824752;
    tail = (density * top) / bottom;
  } else {
    let fraction = z + 0.65;
    for (let k = 12; k >= 1; k--) fraction = z + k / fraction;
    tail = density / (fraction * 2.506628274631);
  }
  return x > 0 ? 1 - tail : tail;
}
