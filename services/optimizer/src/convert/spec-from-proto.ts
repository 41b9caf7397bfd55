import { optimizer, spaceFromProto } from "@superbatch/contracts";
import {
  type Budget,
  type Convergence,
  type EarlyStopping,
  type LeasePolicy,
  leaseDefaults,
  type Objective,
  type StudySpec,
} from "../domain/spec.ts";
import { algorithmFromProto } from "./algorithm.ts";
import { constraintsFromProto } from "./outcome-constraints.ts";

const { Goal, ObjectiveTransform } = optimizer;

/** Fills in defaults; what is wrong stays wrong, for validation to name. */
export function specFromProto(message: optimizer.StudySpec | undefined, randomSeed: () => number): StudySpec {
  return {
    space: spaceFromProto(message?.space),
    previousSpaces: [],
    objective: objectiveFromProto(message?.objective),
    algorithm: algorithmFromProto(message?.algorithm),
    budget: budgetFromProto(message?.budget),
    seed: message?.seed ?? randomSeed(),
    costUnit: message?.costUnit || "seconds",
    lease: leaseFromProto(message?.lease),
    earlyStopping: earlyStoppingFromProto(message?.earlyStopping),
    requirements: { ...message?.requirements },
    labels: { ...message?.labels },
    ...constraintsFromProto(message?.outcomeConstraints),
  };
}

function objectiveFromProto(message: optimizer.Objective | undefined): Objective {
  return {
    metric: message?.metric ?? "",
    goal: message?.goal === Goal.MAXIMIZE ? "maximize" : "minimize",
    transform: message?.transform === ObjectiveTransform.LOG ? "log" : "none",
  };
}

export function budgetFromProto(message: optimizer.Budget | undefined): Budget {
  return {
    maxTrials: message?.maxTrials ?? 0,
    maxCost: message?.maxCost ?? 0,
    maxSeconds: message?.maxSeconds ?? 0,
    ...(message?.convergence && { convergence: convergenceFromProto(message.convergence) }),
  };
}

function convergenceFromProto({ tolerance, window, minTrials }: optimizer.Convergence): Convergence {
  return { tolerance, window: window || 5, minTrials: minTrials || 10 };
}

function leaseFromProto(message: optimizer.LeasePolicy | undefined): LeasePolicy {
  return {
    seconds: message?.leaseSeconds || leaseDefaults.seconds,
    maxAttempts: message?.maxAttempts || leaseDefaults.maxAttempts,
    maxParallel: message?.maxParallel ?? leaseDefaults.maxParallel,
  };
}

function earlyStoppingFromProto(message: optimizer.EarlyStopping | undefined): EarlyStopping | null {
  const rule = message?.rule;
  if (!rule) return null;
  const { minTrials, minStep } = rule.value;
  const shared = { minTrials: minTrials || 5, minStep };
  if (rule.$case === "median") return { rule: "median", ...shared };
  return { rule: "curve", threshold: rule.value.threshold || 0.05, ...shared };
}
