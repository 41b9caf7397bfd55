import type { EmulatedRun } from "../emulator/emulator.ts";
import type { Place, Table } from "../emulator/table.ts";
import { type Cell, switchLevels } from "../recorded/design.ts";
import type { RecordedProblem } from "../recorded/problem.ts";
import type { Method } from "./methods.ts";
import type { Proposal, TrialCost } from "./tuner.ts";
import type { SimulatedTrial } from "./virtual-time.ts";

/** How trials that learn B decide when to sample by importance: in every step, or as published, where τ > (B + 3b) / (3b). */
export type Switch = "always" | "published";

/** Where trials get their trainings from: an emulator, or real ones. */
export interface Trainings {
  readonly table: Table;
  /** One training. Equal arguments give the same but for its seconds. */
  run(place: Place, seed: string, noise?: number): EmulatedRun | Promise<EmulatedRun>;
}

/**
 * A trainer on a virtual clock. What a trial measures and costs is that of the training that it is given; the validation error is measured once, at its end, and where the method
 * watches learning curves at each point of the curve.
 *
 * A point that is evaluated again deviates anew, but for promotions of successive halving: they go on from the checkpoint of the lower rung, along the same
 * curve, and cost what is added.
 *
 * @param seed - of the study: equal seeds give trainings that deviate alike, whichever method asks for them
 */
export function createReplay(
  trainings: Trainings,
  { fidelity, cell, world = {} }: Pick<Method, "fidelity" | "cell" | "world">,
  importance: Switch,
  seed: string,
): (proposal: Proposal) => Promise<SimulatedTrial> {
  const { problem, points, epochs, evaluationSeconds, scoringShare } = trainings.table;
  const times = new Map<string, number>();
  /** Points of the curve that a place's training has come to. */
  const reached = new Map<string, number>();

  function cellOf(value: number | undefined): Cell {
    if (value === undefined || fidelity === "epochs") return cell;
    if (fidelity === "data_share") return value === 1 ? cell : { family: "share", level: value };
    return superBatchCell(value / problem.batchSize, importance, problem);
  }

  return async ({ x, fidelity: value }) => {
    const chosen = cellOf(value);
    const place: Place = { ...chosen, x };
    const key = JSON.stringify(place);
    const goesOn = fidelity === "epochs";
    const repeats = goesOn ? 0 : (times.get(key) ?? 0);
    times.set(key, repeats + 1);
    const run = await trainings.run(place, `${seed} ${repeats}`, world.noise);
    const last = goesOn ? epochs.indexOf(value!) : points - 1;
    const from = goesOn && !world.anew ? (reached.get(key) ?? -1) : -1;
    reached.set(key, Math.max(from, last));
    const share = scoringShare(chosen);
    const scoring = share * (world.scoring ?? 1);
    const seconds = (at: number) => (at < 0 ? 0 : run.spent[at]! * (1 - share + scoring));
    const cost = (at: number, evaluations: number): TrialCost => {
      const spent = Math.max(seconds(at) - seconds(from), 0);
      const evaluation = evaluations * evaluationSeconds;
      return { total: spent + evaluation, scoring: (spent * scoring) / (1 - share + scoring), evaluation };
    };
    const indices = Array.from({ length: last - from }, (_, k) => from + 1 + k);
    const outcome = { value: run.error[last]!, cost: cost(last, 1), priorCost: seconds(from), stoppedEarly: false };
    const curve = indices.map((at, k) => {
      const soFar = cost(at, k + 1);
      return { epoch: epochs[at]!, value: run.error[at]!, cost: soFar, seconds: soFar.total };
    });
    return { curve, seconds: outcome.cost.total, outcome };
  };
}

/** How a training with super-batch B = level · b chooses its examples. */
export function superBatchCell(
  level: number,
  importance: Switch,
  problem: Pick<RecordedProblem, "levels" | "batchSize">,
): Cell {
  const sampled = level > 1 && (importance === "always" || switchLevels(problem).includes(level));
  return sampled ? { family: importance, level } : { family: "uniform", level: 1 };
}
