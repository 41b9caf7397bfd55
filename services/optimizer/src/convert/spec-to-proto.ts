import { optimizer, spaceToProto } from "@superbatch/contracts";
import type { StudySpec } from "../domain/spec.ts";
import type { AlgorithmSpec } from "../domain/suggest/algorithm-spec.ts";

const { Goal, ObjectiveTransform } = optimizer;

export function specToProto(spec: StudySpec): optimizer.StudySpec {
  const { objective, lease, earlyStopping } = spec;
  return {
    space: spaceToProto(spec.space),
    objective: {
      metric: objective.metric,
      goal: objective.goal === "maximize" ? Goal.MAXIMIZE : Goal.MINIMIZE,
      transform: objective.transform === "log" ? ObjectiveTransform.LOG : ObjectiveTransform.NONE,
    },
    algorithm: algorithmToProto(spec.algorithm),
    budget: { ...spec.budget },
    seed: spec.seed,
    costUnit: spec.costUnit,
    lease: { leaseSeconds: lease.seconds, maxAttempts: lease.maxAttempts, maxParallel: lease.maxParallel },
    earlyStopping: earlyStopping
      ? {
          rule: {
            $case: "median",
            value: { minTrials: earlyStopping.minTrials, minStep: earlyStopping.minStep },
          },
        }
      : undefined,
    requirements: { ...spec.requirements },
    labels: { ...spec.labels },
  };
}

function algorithmToProto(algorithm: AlgorithmSpec): optimizer.Algorithm {
  switch (algorithm.kind) {
    case "random":
      return { kind: { $case: "random", value: {} } };
    case "sobol":
      return { kind: { $case: "sobol", value: {} } };
    case "entropy-search":
      return {
        kind: {
          $case: "entropySearch",
          value: {
            initialPoints: algorithm.initialPoints ?? 0,
            initialFidelities: algorithm.initialFidelities ?? 0,
            representers: algorithm.representers ?? 0,
            hyperparameterSamples: algorithm.hyperparameterSamples ?? 0,
            overhead: algorithm.overhead,
            ignoreCost: algorithm.ignoreCost ?? false,
          },
        },
      };
    default:
      throw new Error(`the contract has no message for the algorithm ${algorithm.kind}`);
  }
}
