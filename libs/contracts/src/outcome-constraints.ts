/** Bounds of another metric than the objective's, in its unit, at least one of the two: of the contract, and of all that is made from it. */
export interface OutcomeConstraint {
  readonly metric: string;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

/** Whether a result's metrics keep all of a study's outcome constraints: only such a result can be the best. A metric that is missing keeps none. */
export function keepsConstraints(
  constraints: readonly OutcomeConstraint[] | undefined,
  metrics: Readonly<Record<string, number>>,
): boolean {
  return (constraints ?? []).every(
    // A metric may be called "constructor".
    (constraint) => Object.hasOwn(metrics, constraint.metric) && excess(constraint, metrics[constraint.metric]!) === 0,
  );
}

/** By how much a value misses the bounds, in the metric's unit: 0 within them, NaN for what is no number. */
export function excess({ atLeast, atMost }: OutcomeConstraint, value: number): number {
  return Math.max(0, (atLeast ?? Number.NEGATIVE_INFINITY) - value, value - (atMost ?? Number.POSITIVE_INFINITY));
}

/** A constraint as people write it, such as "latency_ms <= 20". */
export function constraintInWords({ metric, atLeast, atMost }: OutcomeConstraint): string {
  if (atLeast === undefined) return `${metric} <= ${atMost}`;
  return atMost === undefined ? `${metric} >= ${atLeast}` : `${atLeast} <= ${metric} <= ${atMost}`;
}
