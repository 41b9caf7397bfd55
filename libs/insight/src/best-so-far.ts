import { keepsConstraints, type optimizer, spaceFromProto } from "@superbatch/contracts";
import type { SearchSpace } from "@superbatch/search-space";
import { pointInSpace, signOf } from "./observations.ts";

/** A completed trial in the order of completion, with what was known when it ended. */
export interface ProgressRow {
  readonly trial: number;
  readonly value: number;
  /** Cost of the trial, lost attempts included, in the study's unit. */
  readonly cost: number;
  /** Cost of all trials that had ended until then, failed ones included. */
  readonly spent: number;
  /**
   * Number and value of the best trial until then: the better value at the largest fidelity evaluated, of those that keep the study's outcome constraints.
   * Null as long as none does.
   */
  readonly bestTrial: number | null;
  readonly best: number | null;
}

/**
 * Value and incumbent against trials and cost. Trials outside the study's present space or beyond the bounds of an outcome constraint count in cost, and are
 * never the best.
 */
export function bestSoFar(study: optimizer.Study, trials: readonly optimizer.Trial[]): ProgressRow[] {
  const space = spaceFromProto(study.spec?.space);
  const sign = signOf(study);
  const ended = trials
    .filter(({ endTime }) => endTime !== undefined)
    .sort((a, b) => a.endTime!.getTime() - b.endTime!.getTime() || a.number - b.number);
  const rows: ProgressRow[] = [];
  let spent = 0;
  let best: Candidate | undefined;
  const constraints = study.spec?.outcomeConstraints ?? [];
  for (const trial of ended) {
    const cost = trial.cost?.total ?? 0;
    spent += cost;
    if (!trial.measurement) continue;
    const { value, metrics } = trial.measurement;
    const point = keepsConstraints(constraints, metrics) ? pointInSpace(space, trial) : undefined;
    if (point) {
      const candidate = { trial: trial.number, value, fidelities: fidelitiesOf(space, point) };
      if (!best || isBetter(candidate, best, sign)) best = candidate;
    }
    rows.push({
      trial: trial.number,
      value,
      cost,
      spent,
      bestTrial: best?.trial ?? (constraints.length > 0 ? null : trial.number),
      best: best?.value ?? (constraints.length > 0 ? null : value),
    });
  }
  return rows;
}

interface Candidate {
  readonly trial: number;
  readonly value: number;
  readonly fidelities: readonly number[];
}

function fidelitiesOf(space: SearchSpace, point: Readonly<Record<string, unknown>>): number[] {
  return space.parameters.flatMap(({ name, fidelity }) => (fidelity ? [Number(point[name])] : []));
}

/** The optimizer's own rule: the larger fidelity wins, at equal fidelities the better value, at equal values the older trial. */
function isBetter(candidate: Candidate, best: Candidate, sign: 1 | -1): boolean {
  for (const [i, fidelity] of candidate.fidelities.entries())
    if (fidelity !== best.fidelities[i]) return fidelity > best.fidelities[i]!;
  const difference = sign * (candidate.value - best.value);
  return difference < 0 || (difference === 0 && candidate.trial < best.trial);
}
