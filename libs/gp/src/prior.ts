/** A prior density of one unconstrained hyperparameter (most are logarithms), up to a constant. */
export interface Prior {
  /** log p(v); −∞ outside the support. */
  logDensity(v: number): number;
  /** d log p / dv inside the support. */
  derivative(v: number): number;
  /** Where inference starts without other knowledge. */
  readonly center: number;
  /** Scale on which the hyperparameter varies: first step widths. */
  readonly spread: number;
}

/** Normal in the unconstrained hyperparameter, so log-normal in a positive one. */
export function normalPrior(mean: number, sd: number): Prior {
  return {
    logDensity: (v) => -0.5 * ((v - mean) / sd) ** 2,
    derivative: (v) => -(v - mean) / (sd * sd),
    center: mean,
    spread: sd,
  };
}

/** Uniform on [low, high]. */
export function topHatPrior(low: number, high: number, center: number): Prior {
  return {
    logDensity: (v) => (v >= low && v <= high ? 0 : Number.NEGATIVE_INFINITY),
    derivative: () => 0,
    center,
    spread: (high - low) / 6,
  };
}

/** Horseshoe on a variance given as its logarithm v: log log(1 + 3 (scale / eᵛ)²), as in RoBO (after Spearmint). */
export function horseshoePrior(scale: number): Prior {
  const u = (v: number) => 3 * (scale * Math.exp(-v)) ** 2;
  return {
    logDensity: (v) => Math.log(Math.log1p(u(v))),
    derivative: (v) => {
      const value = u(v);
      return (-2 * value) / (1 + value) / Math.log1p(value);
    },
    center: Math.log(scale),
    spread: 1,
  };
}
