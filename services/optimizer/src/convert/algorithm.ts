import {
  gaussianProcessFromProto,
  gaussianProcessToProto,
  inferenceFromProto,
  inferenceToProto,
  type optimizer,
} from "@superbatch/contracts";
import type { FieldViolation } from "@superbatch/rpc";
import { type SearchSpace, validateSpace } from "@superbatch/search-space";
import type {
  AlgorithmSpec,
  ModelOptions,
  MultiFidelityOptions,
  SuccessiveHalvingSpec,
} from "../domain/suggest/algorithm-spec.ts";
import { defaultReductionFactor, rungFidelity, rungsOf } from "../domain/suggest/rungs.ts";
import { choiceOf } from "../domain/suggest/surrogate-choice.ts";

/** 0 and absent options become absent: the algorithm's own defaults. */
export function algorithmFromProto(message: optimizer.Algorithm | undefined): AlgorithmSpec {
  const kind = message?.kind;
  switch (kind?.$case) {
    case "random":
    case "sobol":
      return { kind: kind.$case, ...heldFromProto(kind.value.heldFidelities) };
    case "fabolas":
      return {
        kind: "fabolas",
        ...modelFromProto(kind.value.model),
        ...count("representers", kind.value.representers),
      };
    case "expectedImprovement":
      return {
        kind: "expected-improvement",
        ...modelFromProto(kind.value.model),
        ...heldFromProto(kind.value.heldFidelities),
      };
    case "tpe":
      return {
        kind: "tpe",
        ...count("initialPoints", kind.value.initialPoints),
        ...heldFromProto(kind.value.heldFidelities),
      };
    case "asha":
      return {
        kind: "asha",
        ...(kind.value.fidelity !== "" && { fidelity: kind.value.fidelity }),
        ...count("reductionFactor", kind.value.reductionFactor),
        ...count("brackets", kind.value.brackets),
      };
    case "entropySearch":
      return { kind: "entropy-search", ...multiFidelityFromProto(kind.value) };
    case "maxValueEntropy":
      return { kind: "max-value-entropy", ...multiFidelityFromProto(kind.value) };
    case "knowledgeGradient":
      return { kind: "knowledge-gradient", ...multiFidelityFromProto(kind.value) };
    default:
      return { kind: "entropy-search" };
  }
}

/** The messages of the algorithms that choose fidelities have the same fields. */
type MultiFidelityMessage = optimizer.EntropySearch & optimizer.MaxValueEntropySearch & optimizer.KnowledgeGradient;

function multiFidelityFromProto(value: MultiFidelityMessage): MultiFidelityOptions {
  return {
    ...modelFromProto(value.model),
    ...count("initialFidelities", value.initialFidelities),
    ...count("pairedPoints", value.pairedPoints),
    ...count("representers", value.representers),
    ...(value.verification !== undefined && { verification: value.verification }),
    ...heldFromProto(value.heldFidelities),
  };
}

function modelFromProto(model: optimizer.ModelOptions | undefined) {
  const inference = model && inferenceFromProto(model.inference);
  const gaussianProcess = gaussianProcessFromProto(model?.gaussianProcess);
  return {
    ...count("initialPoints", model?.initialPoints ?? 0),
    ...count("hyperparameterSamples", model?.hyperparameterSamples ?? 0),
    ...(model?.overhead !== undefined && { overhead: model.overhead }),
    ...(model?.ignoreCost && { ignoreCost: true }),
    ...(model?.surrogate && { surrogate: model.surrogate }),
    ...(model?.fallbackSurrogate && { fallbackSurrogate: model.fallbackSurrogate }),
    // What is not above 0 is refused by the validation.
    ...(model?.surrogateSeconds && { surrogateSeconds: model.surrogateSeconds }),
    ...(inference && { inference }),
    ...(Object.keys(gaussianProcess).length > 0 && { gaussianProcess }),
  };
}

function heldFromProto(held: optimizer.HeldFidelities | undefined) {
  return held ? { fidelities: { ...held.values } } : {};
}

function count<Name extends string>(name: Name, value: number) {
  return (value > 0 ? { [name]: value } : {}) as { [Key in Name]?: number };
}

export function algorithmToProto(spec: AlgorithmSpec): optimizer.Algorithm {
  return { kind: kindToProto(spec) };
}

function kindToProto(spec: AlgorithmSpec): NonNullable<optimizer.Algorithm["kind"]> {
  switch (spec.kind) {
    case "random":
    case "sobol":
      return { $case: spec.kind, value: { heldFidelities: heldToProto(spec) } };
    case "fabolas":
      return { $case: "fabolas", value: { model: modelToProto(spec), representers: spec.representers ?? 0 } };
    case "expected-improvement":
      return {
        $case: "expectedImprovement",
        value: { model: modelToProto(spec), heldFidelities: heldToProto(spec) },
      };
    case "tpe":
      return { $case: "tpe", value: { initialPoints: spec.initialPoints ?? 0, heldFidelities: heldToProto(spec) } };
    case "asha":
      return {
        $case: "asha",
        value: {
          fidelity: spec.fidelity ?? "",
          reductionFactor: spec.reductionFactor ?? 0,
          brackets: spec.brackets ?? 0,
        },
      };
    case "entropy-search":
      return { $case: "entropySearch", value: multiFidelityToProto(spec) };
    case "max-value-entropy":
      return { $case: "maxValueEntropy", value: multiFidelityToProto(spec) };
    case "knowledge-gradient":
      return { $case: "knowledgeGradient", value: multiFidelityToProto(spec) };
  }
}

function multiFidelityToProto(options: MultiFidelityOptions): MultiFidelityMessage {
  return {
    model: modelToProto(options),
    initialFidelities: options.initialFidelities ?? 0,
    pairedPoints: options.pairedPoints ?? 0,
    representers: options.representers ?? 0,
    verification: options.verification,
    heldFidelities: heldToProto(options),
  };
}

function modelToProto(options: ModelOptions): optimizer.ModelOptions {
  return {
    initialPoints: options.initialPoints ?? 0,
    hyperparameterSamples: options.hyperparameterSamples ?? 0,
    overhead: options.overhead,
    ignoreCost: options.ignoreCost ?? false,
    surrogate: options.surrogate ?? "",
    fallbackSurrogate: options.fallbackSurrogate ?? "",
    surrogateSeconds: options.surrogateSeconds ?? 0,
    inference: inferenceToProto(options.inference),
    gaussianProcess: gaussianProcessToProto(options.gaussianProcess),
  };
}

function heldToProto({ fidelities }: Pick<MultiFidelityOptions, "fidelities">): optimizer.HeldFidelities | undefined {
  return fidelities && { values: { ...fidelities } };
}

/** The algorithm's field in the contract. */
export function fieldOfKind(kind: AlgorithmSpec["kind"]): string {
  return kind.replaceAll("-", "_");
}

/** Options, their ranges and where their fields are: `model.` for those that the model-based algorithms share. */
const ranges = [
  ["initialPoints", "initial_points", 1, 1000],
  ["hyperparameterSamples", "hyperparameter_samples", 1, 100],
  ["initialFidelities", "initial_fidelities", 1, 10],
  ["pairedPoints", "paired_points", 1, 1000],
  ["representers", "representers", 2, 500],
  ["reductionFactor", "reduction_factor", 2, 16],
] as const;

/** Everything that is wrong with an algorithm's options. @param path - of the algorithm, such as `study.spec.algorithm`. */
export function validateAlgorithm(spec: AlgorithmSpec, space: SearchSpace, path: string): FieldViolation[] {
  const violations: FieldViolation[] = [];
  const root = `${path}.${fieldOfKind(spec.kind)}`;
  const model = spec.kind === "tpe" ? root : `${root}.model`;
  const check = (ok: boolean, field: string, message: string) => {
    if (!ok) violations.push({ path: field, message });
  };
  const options = spec as unknown as Readonly<Record<string, number | undefined>>;
  for (const [name, field, low, high] of ranges) {
    const value = options[name];
    const parent = name === "initialPoints" || name === "hyperparameterSamples" ? model : root;
    const message = `must be from ${low} to ${high}, or 0 for the default, not ${value}`;
    check(value === undefined || (value >= low && value <= high), `${parent}.${field}`, message);
  }
  const { overhead = 0, verification = 0, surrogateSeconds: seconds = 1 } = options;
  check(
    seconds > 0 && seconds <= 3600,
    `${model}.surrogate_seconds`,
    `must be above 0 and at most 3600, or 0 for the default, not ${seconds}`,
  );
  check(overhead >= 0 && overhead < Infinity, `${model}.overhead`, `must be 0 or more and finite, not ${overhead}`);
  check(verification >= 0 && verification <= 1, `${root}.verification`, `must be from 0 to 1, not ${verification}`);
  violations.push(...validateHeld(spec, space, `${root}.held_fidelities.values`));
  if (spec.kind === "asha") violations.push(...validateRungs(spec, space, root));
  return violations;
}

function validateRungs(spec: SuccessiveHalvingSpec, space: SearchSpace, path: string): FieldViolation[] {
  const names = space.parameters.filter(({ fidelity }) => fidelity).map(({ name }) => name);
  const found = spec.fidelity === undefined ? names.length > 0 : names.includes(spec.fidelity);
  if (!found) {
    const message = `must be a fidelity of the space, which has ${names.join(", ") || "none"}`;
    return [{ path: `${path}.fidelity`, message }];
  }
  const { reductionFactor = defaultReductionFactor, brackets = 1 } = spec;
  const fidelity = rungFidelity(space, spec.fidelity);
  // A factor or a space that is itself wrong is told as such, and has no rungs to count.
  if (brackets === 1 || !fidelity || reductionFactor < 2 || validateSpace(space).length > 0) return [];
  const rungs = rungsOf(fidelity, reductionFactor).length;
  const message = `must be at most the number of rungs, which is ${rungs}, or 0 for the default, not ${brackets}`;
  return brackets <= rungs ? [] : [{ path: `${path}.brackets`, message }];
}

/** What is wrong with the surrogates that an algorithm names. @param problemOf - of one, in words; undefined for one that can be used. */
export function validateSurrogates(
  spec: AlgorithmSpec,
  problemOf: (surrogate: string) => string | undefined,
  path: string,
): FieldViolation[] {
  const { surrogate = "", fallbackSurrogate = "" } = choiceOf(spec);
  const root = `${path}.${fieldOfKind(spec.kind)}.model`;
  const fields = [
    [`${root}.surrogate`, surrogate],
    [`${root}.fallback_surrogate`, fallbackSurrogate],
  ] as const;
  return fields.flatMap(([field, name]) => {
    const message = problemOf(name);
    return message === undefined ? [] : [{ path: field, message }];
  });
}

function validateHeld(spec: AlgorithmSpec, { parameters }: SearchSpace, path: string): FieldViolation[] {
  const held = "fidelities" in spec ? Object.entries(spec.fidelities ?? {}) : [];
  return held.flatMap(([name, value]) => {
    const domain = parameters.find((parameter) => parameter.name === name && parameter.fidelity)?.domain;
    const field = `${path}[${JSON.stringify(name)}]`;
    if (!domain) return [{ path: field, message: "is not a fidelity of the space" }];
    const inside =
      domain.kind === "discrete"
        ? domain.values.includes(value)
        : (domain.kind === "float" || (domain.kind === "integer" && Number.isInteger(value))) &&
          value >= domain.min &&
          value <= domain.max;
    return inside ? [] : [{ path: field, message: `must be a value of the parameter's domain, not ${value}` }];
  });
}
