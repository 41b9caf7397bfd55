/** y = center + scale · standardized y. */
export interface Standardization {
  readonly center: number;
  /** Above 0. */
  readonly scale: number;
}

/**
 * Mean and standard deviation (divisor n) of y. Where all values are the same up to round-off, the scale is the magnitude of the
 * value itself (1 for zero or no values), so that constant data is a valid, certain observation.
 *
 * @throws {RangeError} naming the index of a value that is not finite.
 */
export function standardization(y: Float64Array, label = "y"): Standardization {
  checkFinite(y, label);
  const n = y.length;
  const magnitude = y.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  if (n === 0 || magnitude === 0) return { center: 0, scale: 1 };
  // In units of the largest value no square overflows or vanishes.
  let center = 0;
  for (const value of y) center += value / magnitude / n;
  let variance = 0;
  for (const value of y) variance += (value / magnitude - center) ** 2 / n;
  const spread = Math.sqrt(variance);
  const scale = spread > 1e-13 ? spread * magnitude : magnitude;
  return { center: center * magnitude, scale: Math.max(scale, Number.MIN_VALUE * 1e16) };
}

/** @throws {RangeError} naming the index of a value that is not finite. */
export function checkFinite(y: Float64Array, label: string): void {
  for (let i = 0; i < y.length; i++) {
    if (!Number.isFinite(y[i]!)) throw new RangeError(`${label}[${i}] is ${y[i]}`);
  }
}

export function standardize({ center, scale }: Standardization, y: Float64Array): Float64Array {
  return y.map((value) => (value - center) / scale);
}
