import type { Rng } from "./rng.ts";
import { directionNumbers, maxSobolDimensions } from "./sobol-directions.ts";

export interface SobolOptions {
  /**
   * Randomizes the sequence by nested uniform (Owen) scrambling: each point is then uniform in the cube, 2^m points still are a digital
   * net, and every coordinate lies strictly within (0, 1). One number per dimension is drawn from it, when the sequence is made.
   *
   * @default none: the plain sequence, whose first point is the origin.
   */
  readonly rng?: Rng;
}

/** A low-discrepancy sequence in the unit cube. Use 2^m points, from a multiple of 2^m, to have the balance of a net. */
export interface SobolSequence {
  readonly dimensions: number;
  /** The next point; its length is `dimensions`. @throws {RangeError} after 2^32 points. */
  next(): Float64Array;
  /** The next `count` points, row-major: coordinate d of point i is at `i * dimensions + d`. */
  take(count: number): Float64Array;
  /** Passes over the next `count` points, in constant time. */
  skip(count: number): void;
}

/**
 * The Sobol sequence in Gray-code order (Antonov and Saleev 1979) with Joe and Kuo's direction numbers (2008), 32 bits a coordinate.
 *
 * Owen's scrambling (1995) is done by hashing: each bit is flipped by a hash of the bits above it (Laine and Karras 2011; Burley,
 * "Practical hash-based Owen scrambling", JCGT 2020, with Vegdahl's constants of 2021), so that no permutation trees are stored.
 *
 * @param dimensions - 1 … 256.
 * @throws {RangeError} if `dimensions` is not such an integer.
 */
export function createSobol(dimensions: number, options: SobolOptions = {}): SobolSequence {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > maxSobolDimensions) {
    throw new RangeError(`dimensions must be an integer in [1, ${maxSobolDimensions}], not ${dimensions}`);
  }
  const directions = Array.from({ length: dimensions }, (_, d) => directionNumbers(d));
  const seeds = options.rng && Uint32Array.from({ length: dimensions }, () => options.rng!.uint32());
  let index = 0;

  function writePoint(target: Float64Array, offset: number): void {
    if (index >= 4294967296) throw new RangeError("the Sobol sequence ends after 2^32 points");
    const gray = (index ^ (index >>> 1)) >>> 0;
    for (let d = 0; d < dimensions; d++) {
      let bits = 0;
      for (let rest = gray, k = 0; rest !== 0; rest >>>= 1, k++) {
        if (rest & 1) bits ^= directions[d][k];
      }
      // Half a step up keeps scrambled coordinates off 0, where a normal quantile would be infinite.
      target[offset + d] = seeds ? (scramble(bits, seeds[d]) + 0.5) / 4294967296 : (bits >>> 0) / 4294967296;
    }
    index++;
  }

  return {
    dimensions,
    next() {
      const point = new Float64Array(dimensions);
      writePoint(point, 0);
      return point;
    },
    take(count) {
      const points = new Float64Array(checkCount(count) * dimensions);
      for (let i = 0; i < count; i++) writePoint(points, i * dimensions);
      return points;
    },
    skip(count) {
      index += checkCount(count);
    },
  };
}

function checkCount(count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`count must be a whole number, not ${count}`);
  return count;
}

/** Owen scrambling of 32 bits: a hash in which bits influence only higher ones, applied to the reversed word. */
function scramble(bits: number, seed: number): number {
  let x = reverseBits(bits);
  x ^= Math.imul(x, 0x3d20adea);
  x = (x + seed) | 0;
  x = Math.imul(x, (seed >>> 16) | 1);
  x ^= Math.imul(x, 0x05526c56);
  x ^= Math.imul(x, 0x53a22864);
  return reverseBits(x) >>> 0;
}

function reverseBits(word: number): number {
  let x = word;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}
