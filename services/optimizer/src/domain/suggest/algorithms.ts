import type { Algorithm } from "./algorithm.ts";
import type { AlgorithmSpec, ModelOptions } from "./algorithm-spec.ts";
import { createSuccessiveHalving } from "./asha.ts";
import { createRandomSearch, createSobolSearch } from "./drawn.ts";
import { heldFidelities } from "./fidelities.ts";
import { fabolasLevels, lowToMiddle } from "./initial-design.ts";
import { createModelSearch, type ModelSearchOptions } from "./model-search.ts";
import type { StudyData } from "./study-data.ts";
import { createTpe } from "./tpe.ts";

/** The algorithm of a study. */
export function createAlgorithm(spec: AlgorithmSpec): Algorithm {
  const options = modelOptions(spec);
  if (options) return createModelSearch(options);
  switch (spec.kind) {
    case "tpe":
      return createTpe(spec);
    case "asha":
      return createSuccessiveHalving(spec);
    case "sobol":
      return createSobolSearch(spec.fidelities);
    default:
      return createRandomSearch("fidelities" in spec ? spec.fidelities : undefined);
  }
}

/** How a study's model is searched; undefined for algorithms without a Gaussian process. */
export function modelOptions(spec: AlgorithmSpec): ModelSearchOptions | undefined {
  switch (spec.kind) {
    case "entropy-search":
    case "max-value-entropy":
    case "knowledge-gradient":
      return {
        ...sharedOptions(spec),
        acquisition: spec.kind,
        representers: positive(spec.representers),
        verification: spec.verification ?? 0.2,
        design: {
          points: positive(spec.initialPoints),
          paired: positive(spec.pairedPoints),
          levels: lowToMiddle(positive(spec.initialFidelities) ?? 2),
        },
        ...(spec.fidelities && { held: (data: StudyData) => heldFidelities(data.space, spec.fidelities) }),
      };
    case "fabolas":
      return {
        ...sharedOptions(spec),
        acquisition: "entropy-search",
        representers: positive(spec.representers),
        design: { points: positive(spec.initialPoints), levels: fabolasLevels },
      };
    case "expected-improvement":
      return {
        ...sharedOptions(spec),
        acquisition: "expected-improvement",
        design: { points: positive(spec.initialPoints) },
        held: (data) => heldFidelities(data.space, spec.fidelities),
      };
    default:
      return undefined;
  }
}

function sharedOptions(spec: ModelOptions) {
  const { ignoreCost, overhead, inference, gaussianProcess } = spec;
  const samples = positive(spec.hyperparameterSamples);
  return {
    model: {
      ...(samples && { samples }),
      ...(inference && { inference }),
      ...(gaussianProcess && { gaussianProcess }),
    },
    perCost: !ignoreCost,
    overhead,
  };
}

/** On the wire 0 stands for an option that is not set. */
function positive(count: number | undefined): number | undefined {
  return count === undefined || count === 0 ? undefined : count;
}
