/** A trial that a tuner wants evaluated. */
export interface Proposal {
  /** The tuner's own name of it. */
  readonly id: string;
  /** Hyperparameters in plain units, in the order of the recorded benchmark's. */
  readonly x: readonly number[];
  /** Value of the study's fidelity; absent where it has none. */
  readonly fidelity?: number;
  /** Seconds that it took to suggest it. */
  readonly seconds: number;
  /** Whether a model chose it. */
  readonly byModel: boolean;
}

/** Seconds of a trial by phase. */
export interface TrialCost {
  readonly total: number;
  readonly scoring: number;
  readonly evaluation: number;
}

/** What a trial came to. */
export interface Outcome {
  readonly value: number;
  readonly cost: TrialCost;
  /** What an earlier trial had spent on the state that this one went on from. */
  readonly priorCost: number;
  readonly stoppedEarly: boolean;
}

/** A point of a trial's learning curve. */
export interface CurvePoint {
  readonly epoch: number;
  readonly value: number;
  readonly cost: TrialCost;
}

/** A method at work on one study. Any number of proposals may be open at a time. */
export interface Tuner {
  suggest(): Promise<Proposal>;
  /** Only of methods that watch learning curves. @returns whether the trial shall be stopped */
  report?(proposal: Proposal, point: CurvePoint, lastEpoch: number): Promise<boolean>;
  complete(proposal: Proposal, outcome: Outcome): Promise<void>;
  /** Hyperparameters that are believed to be the best at the target; undefined before the first result. */
  recommend(): Promise<readonly number[] | undefined>;
  close(): Promise<void>;
}
