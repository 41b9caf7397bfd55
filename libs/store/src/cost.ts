/** What was spent, in the study's unit. Each part is at least 0; `total` is at least the sum of the parts. */
export interface Cost {
  readonly total: number;
  /** Forward passes that only scored super-batches. */
  readonly scoring: number;
  /** Gradient steps: forward, backward and update. */
  readonly gradient: number;
  /** Evaluation on held-out data. */
  readonly evaluation: number;
  /** Loading, augmenting and moving data. */
  readonly data: number;
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
