/** Half the width of a normal distribution's 95% interval, in standard deviations. */
export const interval95 = 1.959963984540054;

export function logNormalDensity(value: number, mean: number, variance: number): number {
  return -0.5 * (Math.log(2 * Math.PI * variance) + (value - mean) ** 2 / variance);
}
