import { type optimizer, pointFromProto, pointToProto, spaceFromProto } from "@superbatch/contracts";
import { type ParameterFacts, type ParameterValue, type StudyFacts, thin } from "@superbatch/figures";
import { complete } from "@superbatch/search-space";
import type { ViewContext } from "./view-context.ts";

export type Values = Readonly<Record<string, ParameterValue>>;

export async function recommendation({ reader, study, signal }: ViewContext): Promise<Values> {
  const { parameters } = await reader.getRecommendation({ study: study.name }, { signal });
  return pointFromProto(parameters);
}

/** What the model says at a point, all in the metric's own unit. */
export interface ModelAt {
  readonly mean: number;
  /** Ends of the 95% interval. */
  readonly low: number;
  readonly high: number;
  /** Standard deviation; of an objective that the model sees as logarithms that of the logarithm, times the mean. */
  readonly sd: number;
  readonly expectedCost: number;
}

/** The model at points. Parameters that become active with others' values get the middle of their domain; fidelities that are absent are at their targets. */
export async function predict(
  { reader, study, signal }: ViewContext,
  points: readonly Values[],
): Promise<readonly ModelAt[]> {
  const space = spaceFromProto(study.spec?.space);
  const valid = points.map((point) => {
    const absent = new Set(
      space.parameters.filter(({ name, fidelity }) => fidelity && point[name] === undefined).map(({ name }) => name),
    );
    return Object.fromEntries(Object.entries(complete(space, point)).filter(([name]) => !absent.has(name)));
  });
  const request = {
    study: study.name,
    points: valid.map((point) => ({ parameters: pointToProto(point) })),
    withoutAcquisition: true,
  };
  const { predictions } = await reader.queryPosterior(request, { signal });
  return predictions.map((prediction) => inUnit(prediction, seesLogarithms(study)));
}

/** Whether the model sees the objective's logarithm. */
export function seesLogarithms({ spec }: optimizer.Study): boolean {
  return spec?.objective?.transform === "OBJECTIVE_TRANSFORM_LOG";
}

/** The contract tells a logarithm's mean as the exponential of it, and its standard deviation as it is. */
function inUnit({ mean, sd, expectedCost }: optimizer.Prediction, logarithm: boolean): ModelAt {
  const reach = 1.96 * sd;
  if (!logarithm) return { mean, low: mean - reach, high: mean + reach, sd, expectedCost };
  return { mean, low: mean * Math.exp(-reach), high: mean * Math.exp(reach), sd: mean * sd, expectedCost };
}

/** Fidelities that are left out are at their targets, where quality counts. */
export function withoutFidelities(facts: StudyFacts, values: Values): Values {
  const fidelities = new Set(facts.parameters.filter(({ target }) => target !== undefined).map(({ name }) => name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => !fidelities.has(name)));
}

/** At most `count` possible values of a number, evenly spaced on its scale, both ends among them. */
export function grid({ min = 0, max = 1, log, levels }: ParameterFacts, count: number): number[] {
  if (levels && levels !== "whole") return thin(levels, count);
  const at = (share: number) => (log ? min * (max / min) ** share : min + (max - min) * share);
  const values = Array.from({ length: count }, (_, i) => at(i / (count - 1)));
  values[0] = min;
  values[count - 1] = max;
  return levels === "whole" ? [...new Set(values.map(Math.round))] : values;
}
