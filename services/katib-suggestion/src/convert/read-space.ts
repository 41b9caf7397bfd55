import type { FieldViolation } from "@superbatch/rpc";
import type { Domain, Fidelity, Parameter } from "@superbatch/search-space";
import type { ParameterSpec } from "../generated/api.ts";
import { parametersPath } from "./katib-path.ts";

/** Parameters, the texts for their values, and everything that is wrong with them. */
export interface SpaceReading {
  readonly parameters: readonly Parameter[];
  readonly texts: ReadonlyMap<string, ReadonlyMap<number | string, string>>;
  readonly violations: readonly FieldViolation[];
}

/** A grid with more points is tuned as a range. */
const longestGrid = 1000;

/** @param fidelities - by parameter name. */
export function readSpace(specs: readonly ParameterSpec[], fidelities: ReadonlyMap<string, Fidelity>): SpaceReading {
  const violations: FieldViolation[] = [];
  const texts = new Map<string, ReadonlyMap<number | string, string>>();
  const parameters = specs.map((spec, index): Parameter => {
    const report = (field: string, message: string) =>
      violations.push({ path: `${parametersPath}[${index}].${field}`, message });
    const domain = readDomain(spec, report, (values) => texts.set(spec.name, values));
    const fidelity = fidelities.get(spec.name);
    return { name: spec.name, domain, ...(fidelity && { fidelity }) };
  });
  return { parameters, texts, violations };
}

type Report = (field: string, message: string) => void;

function readDomain(spec: ParameterSpec, report: Report, keep: (texts: Map<number | string, string>) => void): Domain {
  const { list = [], distribution } = spec.feasibleSpace ?? {};
  switch (spec.parameterType) {
    case "DOUBLE":
    case "INT":
      if (distribution === "NORMAL" || distribution === "LOG_NORMAL")
        report(
          "feasible_space.distribution",
          "must be uniform or logUniform: points are not drawn from normal distributions",
        );
      return readRange(spec, report);
    case "DISCRETE":
      return readDiscrete(list, report, keep);
    case "CATEGORICAL":
      if (list.length === 0) report("feasible_space.list", "must have at least one value");
      return list.length === 1 ? { kind: "fixed", value: list[0]! } : { kind: "categorical", categories: list };
    default:
      report("parameter_type", "must be double, int, discrete or categorical");
      return { kind: "fixed", value: "" };
  }
}

function readRange({ parameterType, feasibleSpace }: ParameterSpec, report: Report): Domain {
  const { min: low = "", max: high = "", step: interval = "", distribution } = feasibleSpace ?? {};
  const whole = parameterType === "INT";
  const read = (field: string, text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || (whole && !Number.isInteger(value)))
      report(`feasible_space.${field}`, `must be ${whole ? "a whole" : "a"} number, not "${text}"`);
    return value;
  };
  const [min, max] = [read("min", low), read("max", high)];
  if (min === max) return { kind: "fixed", value: min };
  const scale = distribution === "LOG_UNIFORM" ? "log" : "linear";
  const step = interval.trim() === "" ? 0 : read("step", interval);
  if (step < 0) report("feasible_space.step", "must be above 0");
  const count = Math.floor((max - min) / step + 1e-9) + 1;
  if (step > 0 && !(whole && step === 1) && count >= 2 && count <= longestGrid) {
    return {
      kind: "discrete",
      values: Array.from({ length: count }, (_, index) => roundTo(min + index * step)),
      scale,
    };
  }
  return { kind: whole ? "integer" : "float", min, max, scale };
}

/** Without the last digits, which are of the sum's rounding: 0.1 + 2 · 0.1 is 0.3. */
function roundTo(value: number): number {
  return Number(value.toPrecision(12));
}

function readDiscrete(list: readonly string[], report: Report, keep: (texts: Map<number, string>) => void): Domain {
  const texts = new Map<number, string>();
  for (const [index, text] of list.entries()) {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) report(`feasible_space.list[${index}]`, `must be a number, not "${text}"`);
    else if (!texts.has(value)) texts.set(value, text);
  }
  if (list.length === 0) report("feasible_space.list", "must have at least one value");
  keep(texts);
  const values = [...texts.keys()].sort((a, b) => a - b);
  return values.length === 1 ? { kind: "fixed", value: values[0]! } : { kind: "discrete", values, scale: "linear" };
}
