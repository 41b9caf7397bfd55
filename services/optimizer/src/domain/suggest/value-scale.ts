/** Values below this count as this where the model sees logarithms. */
const smallestValue = 1e-6;

/** The way between an objective's values and what the model is fitted to. */
export interface ValueScale {
  toModel(value: number): number;
  /**
   * Mean and standard deviation in the objective's own units of what is Gaussian on the model's scale; those of a log-normal
   * distribution for the logarithm.
   */
  fromModel(mean: number, standardDeviation: number): { readonly mean: number; readonly standardDeviation: number };
}

export function createValueScale(transform: "none" | "log"): ValueScale {
  if (transform === "none")
    return { toModel: (value) => value, fromModel: (mean, standardDeviation) => ({ mean, standardDeviation }) };
  return {
    toModel: (value) => Math.log(Math.max(value, smallestValue)),
    fromModel(mean, standardDeviation) {
      const variance = standardDeviation ** 2;
      const ownMean = Math.exp(mean + variance / 2);
      return { mean: ownMean, standardDeviation: ownMean * Math.sqrt(Math.expm1(variance)) };
    },
  };
}
