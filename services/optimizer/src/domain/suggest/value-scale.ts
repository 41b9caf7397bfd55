/** Values below this count as this where the model sees logarithms. */
const smallestValue = 1e-6;

/** The way between an objective's values and what the model is fitted to. */
export interface ValueScale {
  /** True if the model sees logarithms. */
  readonly logarithmic: boolean;
  toModel(value: number): number;
  /** The inverse of `toModel`. Of a Gaussian's mean it gives the median in the objective's own unit, which keeps the order of points. */
  fromModel(value: number): number;
  /**
   * Standard deviation in the objective's own unit of what has this mean and standard deviation on the model's scale, to first order (delta
   * method): the standard deviation times the slope of `fromModel` at the mean.
   */
  spreadFromModel(mean: number, standardDeviation: number): number;
}

export function createValueScale(transform: "none" | "log"): ValueScale {
  if (transform === "none")
    return {
      logarithmic: false,
      toModel: (value) => value,
      fromModel: (value) => value,
      spreadFromModel: (_, standardDeviation) => standardDeviation,
    };
  return {
    logarithmic: true,
    toModel: (value) => Math.log(Math.max(value, smallestValue)),
    fromModel: Math.exp,
    spreadFromModel: (mean, standardDeviation) => Math.exp(mean) * standardDeviation,
  };
}
