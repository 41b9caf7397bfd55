import { optimizer, spaceToProto } from "@superbatch/contracts";
import type { StudySpec } from "../domain/spec.ts";
import { algorithmToProto } from "./algorithm.ts";

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
