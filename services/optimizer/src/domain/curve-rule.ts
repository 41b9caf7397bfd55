import type { Study, Trial } from "@superbatch/store";
import type { CompletedCurve, Curve, Stop } from "./early-stopping.ts";
import { type CurvePoint, extrapolateCurve } from "./learning-curve.ts";
import { currentPoint, signOf } from "./observation.ts";
import { type CurveStopping, type StudySpec, specOf } from "./spec.ts";
import { fidelityValues } from "./suggest/fidelities.ts";
import { medianOf } from "./suggest/median.ts";
import { createValueScale } from "./suggest/value-scale.ts";

/** Points of its own curve without which nothing is said of a trial. */
const fewestPoints = 4;

/** A trial that runs, as far as it has come. */
export interface RunningCurve {
  readonly trial: Trial;
  readonly curve: Curve;
  /** Last step if it is not stopped; 0: as trials with the same fidelities had. */
  readonly finalStep: number;
  /** What the attempt has cost, in the study's unit; 0: not known. */
  readonly cost: number;
}

/**
 * Stops a trial if, by its extrapolated learning curve, the probability that it ends better than the best trial with at most its fidelities is below
 * the rule's threshold. Only trials that ran to their end count, as the best and for the rule to apply.
 */
export function curveRule(
  rule: CurveStopping,
  study: Study,
  running: RunningCurve,
  completed: readonly CompletedCurve[],
): Stop | undefined {
  const spec = specOf(study);
  const { points } = running.curve;
  const step = points.at(-1)?.step ?? 0;
  if (points.length < fewestPoints || step < rule.minStep) return undefined;
  const ended = completed.filter(({ of }) => !of.stoppedEarly && of.measurement);
  if (ended.length < Math.max(1, rule.minTrials)) return undefined;
  const finalStep = running.finalStep || usualEnd(study, running.trial, ended);
  if (finalStep === undefined || finalStep <= step) return undefined;

  const scale = modelScale(spec);
  const own = fidelitiesAt(study, running.trial);
  const rivals = ended.filter(({ of }) => {
    const theirs = fidelitiesAt(study, of);
    return own && theirs && Object.entries(theirs).every(([name, value]) => value <= (own[name] ?? value));
  });
  if (rivals.length === 0) return undefined;
  const best = Math.min(...rivals.map(({ of }) => scale.to(of.measurement!.value)));
  const curve = points.map((point): CurvePoint => ({ step: Math.max(1, point.step), value: scale.to(point.value) }));
  const seen = ended.flatMap((other) => other.points.map((point) => scale.to(point.value)));
  const end = extrapolateCurve(curve, finalStep, spreadOf([...seen, ...curve.map((point) => point.value)]));
  const probability = end.below(best);
  if (probability >= rule.threshold) return undefined;
  const value = scale.from(end.mean);
  const { metric } = spec.objective;
  const chance = probability < 0.001 ? "below 0.001" : `${probability.toPrecision(2)}`;
  return {
    reason:
      `by its learning curve up to step ${step} it would end with ${metric} ${value.toPrecision(4)} at step ${finalStep}; the probability ` +
      `that it ends better than ${scale.from(best).toPrecision(4)} is ${chance}`,
    extrapolation: { value, cost: costAtEnd(running, finalStep), finalStep },
  };
}

/** Values as the model sees them, to be minimized, and back. */
function modelScale(spec: StudySpec) {
  const { toModel, fromModel } = createValueScale(spec.objective.transform);
  const sign = signOf(spec);
  return { to: (value: number) => toModel(sign * value), from: (value: number) => sign * fromModel(value) };
}

/** The median of the last steps of ended trials with the same fidelities. */
function usualEnd(study: Study, trial: Trial, ended: readonly CompletedCurve[]): number | undefined {
  const key = (each: Trial) => JSON.stringify(fidelitiesAt(study, each));
  const same = ended.filter(({ of }) => key(of) === key(trial));
  return same.length === 0 ? undefined : medianOf(same.map(({ points }) => points.at(-1)!.step));
}

function fidelitiesAt(study: Study, trial: Trial): Record<string, number> | undefined {
  const spec = specOf(study);
  const point = currentPoint(spec, study.spaceVersion, trial);
  return point && fidelityValues(spec.space, point);
}

function spreadOf(values: readonly number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, sd: Math.max(Math.sqrt(variance), 1e-3 * Math.abs(mean), 1e-9) };
}

/** A step costs what steps have cost so far, as far as that is known: else 0. */
function costAtEnd({ curve, cost }: RunningCurve, finalStep: number): number {
  const priced = curve.points.filter((point) => point.cost > 0);
  const [first, last] = [priced[0], priced.at(-1)];
  const { step } = curve.points.at(-1)!;
  const spent = Math.max(cost, last?.cost ?? 0);
  const slope = first && last && last.step > first.step ? (last.cost - first.cost) / (last.step - first.step) : 0;
  return spent + (finalStep - step) * (slope > 0 ? slope : spent / Math.max(1, step));
}
