import type { OutcomeConstraint } from "@superbatch/contracts";
import type { Point, SearchSpace } from "@superbatch/search-space";
import type { JsonObject, Study } from "@superbatch/store";
import type { AlgorithmSpec } from "./suggest/algorithm-spec.ts";

/** What is tuned and how, with every default filled in. Stored as JSON with the study. */
export interface StudySpec {
  readonly space: SearchSpace;
  /** Spaces of the versions before the present one, oldest first: `previousSpaces[v - 1]` is version v. */
  readonly previousSpaces: readonly SearchSpace[];
  /** Values that parameters had in effect before a version of the space added them, by name. @default none */
  readonly formerValues?: Point;
  readonly objective: Objective;
  readonly algorithm: AlgorithmSpec;
  readonly budget: Budget;
  /** Seed of all that is random, a whole number below 2^53. */
  readonly seed: number;
  readonly costUnit: string;
  readonly lease: LeasePolicy;
  readonly earlyStopping: EarlyStopping | null;
  /** Capabilities that a worker must have. */
  readonly requirements: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** What the model starts from. @default nothing */
  readonly priors?: readonly PriorStudy[];
  /** Bounds that other metrics must keep at the target fidelity, each on a metric of its own. @default none */
  readonly outcomeConstraints?: readonly OutcomeConstraint[];
  /** Completed trials that there were when the study was last made active again: convergence counts from there. @default 0 */
  readonly resumedAt?: number;
}

/** Results of an earlier study, as they were when this one was created. */
export interface PriorStudy {
  readonly study: string;
  /** The space of the points. */
  readonly space: SearchSpace;
  /** Oldest first. Values as trainers measured them. */
  readonly observations: readonly { readonly point: Point; readonly value: number; readonly cost: number }[];
}

export interface Objective {
  readonly metric: string;
  readonly goal: "minimize" | "maximize";
  /** What the model sees: the value, or its logarithm. */
  readonly transform: "none" | "log";
}

/** When a study stops. 0 means no limit. */
export interface Budget {
  /** Completed trials; known results that were added do not count. */
  readonly maxTrials: number;
  /** Sum of costs, in the study's unit. */
  readonly maxCost: number;
  /** Seconds since the study was created. */
  readonly maxSeconds: number;
  /** @default none: more trials are always worth it */
  readonly convergence?: Convergence;
}

/** When more trials would not change the recommendation: see {@link hasConverged}. */
export interface Convergence {
  /** In the metric's unit; relative if the objective is log-transformed. Above 0. */
  readonly tolerance: number;
  /** Completed trials that must not have mattered. */
  readonly window: number;
  /** Completed trials before the study can converge. */
  readonly minTrials: number;
}

export interface LeasePolicy {
  readonly seconds: number;
  /** Attempts before a trial is given up. */
  readonly maxAttempts: number;
  /** Trials leased at once; 0 means no limit. */
  readonly maxParallel: number;
}

/** Which trials are hopeless. */
export type EarlyStopping = MedianStopping | CurveStopping;

/** The median rule (Golovin et al. 2017). */
export interface MedianStopping {
  readonly rule: "median";
  /** Completed trials before the rule applies. */
  readonly minTrials: number;
  /** No trial is stopped before this step. */
  readonly minStep: number;
}

/** Extrapolation of learning curves (after Domhan et al. 2015). */
export interface CurveStopping {
  readonly rule: "curve";
  /** A trial is stopped if the probability that it ends better is below this, in (0, 0.5]. */
  readonly threshold: number;
  /** Completed trials, not stopped early, with a learning curve before the rule applies. */
  readonly minTrials: number;
  /** No trial is stopped before this step. */
  readonly minStep: number;
}

export const leaseDefaults: LeasePolicy = { seconds: 60, maxAttempts: 3, maxParallel: 0 };

/** When a study's time is over, whatever else is left of its budget; null: never. @param createdAt - milliseconds since the epoch. */
export function endOf({ budget }: Pick<StudySpec, "budget">, createdAt: number): number | null {
  if (budget.maxSeconds === 0) return null;
  return Math.min(createdAt + Math.ceil(1000 * budget.maxSeconds), Number.MAX_SAFE_INTEGER);
}

export function specOf(study: Study): StudySpec {
  return study.spec as unknown as StudySpec;
}

export function specToJson(spec: StudySpec): JsonObject {
  return spec as unknown as JsonObject;
}

/** The space that trials of a version were made in. */
export function spaceOfVersion(spec: StudySpec, version: number): SearchSpace {
  return spec.previousSpaces[version - 1] ?? spec.space;
}

/** Whether a worker can do what the study's trials need. */
export function meetsRequirements(spec: StudySpec, capabilities: Readonly<Record<string, string>>): boolean {
  return Object.entries(spec.requirements).every(([name, value]) => capabilities[name] === value);
}
