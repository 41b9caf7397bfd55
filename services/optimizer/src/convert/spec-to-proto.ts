import { optimizer, spaceToProto } from "@superbatch/contracts";
import type { EarlyStopping, StudySpec } from "../domain/spec.ts";
import { algorithmToProto } from "./algorithm.ts";
import { constraintsToProto } from "./outcome-constraints.ts";

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
    budget: { ...spec.budget, convergence: spec.budget.convergence },
    seed: spec.seed,
    costUnit: spec.costUnit,
    lease: { leaseSeconds: lease.seconds, maxAttempts: lease.maxAttempts, maxParallel: lease.maxParallel },
    earlyStopping: earlyStopping ? earlyStoppingToProto(earlyStopping) : undefined,
    requirements: { ...spec.requirements },
    labels: { ...spec.labels },
    priorStudies: (spec.priors ?? []).map(({ study }) => study),
    outcomeConstraints: constraintsToProto(spec),
  };
}

function earlyStoppingToProto({ rule, ...value }: EarlyStopping): optimizer.EarlyStopping {
  if (rule === "median") return { rule: { $case: "median", value } };
  return { rule: { $case: "curve", value: value as optimizer.CurveStopping } };
}
