/** Seconds from any fixed origin, never going backwards. */
export type Clock = () => number;

/** What a run spends its time on. */
export const costPhases = ["scoring", "gradient", "evaluation", "data"] as const;
export type CostPhase = (typeof costPhases)[number];

/** Seconds spent, by phase. */
export interface Cost {
  /** Everything since the run began; what exceeds the sum of the phases was not attributed. */
  readonly total: number;
  /** Forward passes that only score super-batches, and waiting for the sampler while it samples by importance. */
  readonly scoring: number;
  /** Gradient steps: forward, backward, update. */
  readonly gradient: number;
  /** Evaluation on held-out data. */
  readonly evaluation: number;
  /** Preparing, reading and augmenting examples, and waiting for the sampler while it samples uniformly. */
  readonly data: number;
}

/** Attributes a run's time to phases. */
export interface CostMeter {
  /**
   * Runs `work` and attributes its time. The work must wait for the device's real completion (read its result), not only launch it. Calls
   * do not overlap. Time counts also if the work fails.
   */
  measure<T>(phase: CostPhase, work: () => T | Promise<T>): Promise<T>;
  /** Spent so far. */
  cost(): Cost;
}

/** @param clock - read at both ends of each measurement. */
export function createCostMeter(clock: Clock): CostMeter {
  const start = clock();
  const spent = { scoring: 0, gradient: 0, evaluation: 0, data: 0 };
  return {
    async measure(phase, work) {
      const from = clock();
      try {
        return await work();
      } finally {
        spent[phase] += clock() - from;
      }
    },
    cost: () => ({ total: clock() - start, ...spent }),
  };
}

export const noCost: Cost = { total: 0, scoring: 0, gradient: 0, evaluation: 0, data: 0 };

export function addCosts(a: Cost, b: Cost): Cost {
  return {
    total: a.total + b.total,
    scoring: a.scoring + b.scoring,
    gradient: a.gradient + b.gradient,
    evaluation: a.evaluation + b.evaluation,
    data: a.data + b.data,
  };
}
