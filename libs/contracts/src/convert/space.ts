import type {
  Condition,
  Domain,
  Fidelity,
  FidelityBasis,
  FidelityEffect,
  LinearConstraint,
  Parameter,
  Scale,
  SearchSpace,
} from "@superbatch/search-space";
import {
  FidelityBasis as BasisMessage,
  FidelityEffect as EffectMessage,
  type Parameter as ParameterMessage,
  Scale as ScaleMessage,
  type SearchSpace as SpaceMessage,
} from "../generated/superbatch/common/v1/space.ts";
import { valueFromProto, valueToProto } from "./value.ts";

export function spaceToProto(space: SearchSpace): SpaceMessage {
  return {
    parameters: space.parameters.map(parameterToProto),
    constraints: space.constraints.map(({ coefficients, bound }) => ({ coefficients: { ...coefficients }, bound })),
  };
}

/**
 * Whatever the message lacks becomes a value that validation refuses (a missing domain: a fixed parameter without a value; a missing
 * target: NaN), so that all of a space's errors are reported together.
 */
export function spaceFromProto(message: SpaceMessage | undefined): SearchSpace {
  return {
    parameters: (message?.parameters ?? []).map(parameterFromProto),
    constraints: (message?.constraints ?? []).map(
      ({ coefficients, bound }): LinearConstraint => ({ coefficients: { ...coefficients }, bound }),
    ),
  };
}

function parameterToProto({ name, domain, condition, fidelity }: Parameter): ParameterMessage {
  return {
    name,
    domain: domainToProto(domain),
    condition: condition && { parent: condition.parent, values: condition.values.map(valueToProto) },
    fidelity: fidelity && {
      target: fidelity.target,
      basis: basisToProto(fidelity.basis),
      effect: effectToProto(fidelity.effect),
    },
  };
}

function parameterFromProto(message: ParameterMessage): Parameter {
  const condition: Condition | undefined = message.condition && {
    parent: message.condition.parent,
    values: message.condition.values.map(valueFromProto).filter((value) => value !== undefined),
  };
  const fidelity: Fidelity | undefined = message.fidelity && {
    target: message.fidelity.target ?? Number.NaN,
    basis: basisFromProto(message.fidelity.basis),
    ...effectFromProto(message.fidelity.effect),
  };
  return {
    name: message.name,
    domain: domainFromProto(message.domain),
    ...(condition && { condition }),
    ...(fidelity && { fidelity }),
  };
}

function domainToProto(domain: Domain): NonNullable<ParameterMessage["domain"]> {
  switch (domain.kind) {
    case "float":
      return { $case: "float", value: { min: domain.min, max: domain.max, scale: scaleToProto(domain.scale) } };
    case "integer":
      return { $case: "integer", value: { min: domain.min, max: domain.max, scale: scaleToProto(domain.scale) } };
    case "discrete":
      return { $case: "discrete", value: { values: [...domain.values], scale: scaleToProto(domain.scale) } };
    case "categorical":
      return { $case: "categorical", value: { categories: [...domain.categories] } };
    case "boolean":
      return { $case: "boolean", value: {} };
    case "fixed":
      return { $case: "fixed", value: valueToProto(domain.value) };
  }
}

function domainFromProto(domain: ParameterMessage["domain"]): Domain {
  switch (domain?.$case) {
    case "float": {
      const { min, max, scale } = domain.value;
      return { kind: "float", min, max, scale: scaleFromProto(scale) };
    }
    case "integer": {
      const { min, max, scale } = domain.value;
      return { kind: "integer", min, max, scale: scaleFromProto(scale) };
    }
    case "discrete":
      return { kind: "discrete", values: domain.value.values, scale: scaleFromProto(domain.value.scale) };
    case "categorical":
      return { kind: "categorical", categories: domain.value.categories };
    case "boolean":
      return { kind: "boolean" };
    default:
      return { kind: "fixed", value: valueFromProto(domain?.value) ?? Number.NaN };
  }
}

function scaleToProto(scale: Scale): ScaleMessage {
  return scale === "log" ? ScaleMessage.LOG : ScaleMessage.LINEAR;
}

function scaleFromProto(scale: ScaleMessage): Scale {
  return scale === ScaleMessage.LOG ? "log" : "linear";
}

const bases = [
  ["fabolas", BasisMessage.FABOLAS],
  ["linear", BasisMessage.LINEAR],
  ["exponential", BasisMessage.EXPONENTIAL],
] as const;

export function basisToProto(basis: FidelityBasis): BasisMessage {
  return bases.find(([name]) => name === basis)![1];
}

/** Unspecified is fabolas, the default. */
export function basisFromProto(message: BasisMessage): FidelityBasis {
  return bases.find(([, value]) => value === message)?.[0] ?? "fabolas";
}

export function effectToProto(effect: FidelityEffect | undefined): EffectMessage {
  return effect === "small" ? EffectMessage.SMALL : EffectMessage.UNSPECIFIED;
}

/** Left out where it is the default, so that equal models have equal dimensions. */
export function effectFromProto(message: EffectMessage): { effect?: FidelityEffect } {
  return message === EffectMessage.SMALL ? { effect: "small" } : {};
}
