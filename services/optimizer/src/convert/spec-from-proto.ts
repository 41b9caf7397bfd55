import { optimizer, spaceFromProto } from "@superbatch/contracts";
import {
  type Budget,
  type EarlyStopping,
  type LeasePolicy,
  leaseDefaults,
  type Objective,
  type StudySpec,
} from "../domain/spec.ts";
import type { AlgorithmSpec } from "../domain/suggest/algorithm-spec.ts";

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
  };
}

function objectiveFromProto(message: optimizer.Objective | undefined): Objective {
  return {
    metric: message?.metric ?? "",
    goal: message?.goal === Goal.MAXIMIZE ? "maximize" : "minimize",
    transform: message?.transform === ObjectiveTransform.LOG ? "log" : "none",
  };
}

function algorithmFromProto(message: optimizer.Algorithm | undefined): AlgorithmSpec {
  switch (message?.kind?.$case) {
    case "random":
      return { kind: "random" };
    case "sobol":
      return { kind: "sobol" };
    case "entropySearch": {
      const value = message.kind.value;
      return {
        kind: "entropy-search",
        ...(value.initialPoints > 0 && { initialPoints: value.initialPoints }),
        ...(value.initialFidelities > 0 && { initialFidelities: value.initialFidelities }),
        ...(value.representers > 0 && { representers: value.representers }),
        ...(value.hyperparameterSamples > 0 && { hyperparameterSamples: value.hyperparameterSamples }),
        ...(value.overhead !== undefined && { overhead: value.overhead }),
        ...(value.ignoreCost && { ignoreCost: true }),
      };
    }
    default:
      return { kind: "entropy-search" };
  }
}

export function budgetFromProto(message: optimizer.Budget | undefined): Budget {
  return {
    maxTrials: message?.maxTrials ?? 0,
    maxCost: message?.maxCost ?? 0,
    maxSeconds: message?.maxSeconds ?? 0,
  };
}

function leaseFromProto(message: optimizer.LeasePolicy | undefined): LeasePolicy {
  return {
    seconds: message?.leaseSeconds || leaseDefaults.seconds,
    maxAttempts: message?.maxAttempts || leaseDefaults.maxAttempts,
    maxParallel: message?.maxParallel ?? leaseDefaults.maxParallel,
  };
}

function earlyStoppingFromProto(message: optimizer.EarlyStopping | undefined): EarlyStopping | null {
  if (message?.rule?.$case !== "median") return null;
  const { minTrials, minStep } = message.rule.value;
  return { rule: "median", minTrials: minTrials || 5, minStep };
}
