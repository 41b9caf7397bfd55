import { normalCdf } from "@superbatch/random";

const range = 6;
const stepsPerUnit = 256;
const table = Float64Array.from({ length: 2 * range * stepsPerUnit + 2 }, (_, i) =>
  normalCdf(i / stepsPerUnit - range),
);

/**
 * The standard normal distribution function by linear interpolation in a table: absolute error below 1e-6, for the innermost loops
 * where Monte Carlo error is many times larger. Exactly 0 below −6 and 1 above 6.
 */
export function fastNormalCdf(x: number): number {
  if (!(x > -range)) return 0;
  if (x >= range) return 1;
  const place = (x + range) * stepsPerUnit;
  const cell = place | 0;
  const left = table[cell];
  return left + (place - cell) * (table[cell + 1] - left);
}
