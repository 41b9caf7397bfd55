import { common, type optimizer } from "@superbatch/contracts";
import type { FieldViolation } from "@superbatch/rpc";
import { algorithmFromProto, fieldOfKind } from "./algorithm.ts";

/** Enum values that this version does not know, which would otherwise count as unspecified. */
type Values = readonly (readonly [path: string, value: string | undefined])[];

/** Names scales, bases and effects of a space that are unknown. @param path - of the space. */
export function unknownInSpace(space: common.SearchSpace | undefined, path: string): FieldViolation[] {
  const values = (space?.parameters ?? []).flatMap(({ domain, fidelity }, i): Values => {
    const parameter = `${path}.parameters[${i}]`;
    const hasScale = domain?.$case === "float" || domain?.$case === "integer" || domain?.$case === "discrete";
    return [
      [`${parameter}.${domain?.$case}.scale`, hasScale ? domain.value.scale : undefined],
      [`${parameter}.fidelity.basis`, fidelity?.basis],
      [`${parameter}.fidelity.effect`, fidelity?.effect],
    ];
  });
  return unknown(values);
}

/** The same for a study's spec. */
export function unknownInSpec(spec: optimizer.StudySpec | undefined, path: string): FieldViolation[] {
  const objective = unknown([
    [`${path}.objective.goal`, spec?.objective?.goal],
    [`${path}.objective.transform`, spec?.objective?.transform],
  ]);
  return [
    ...unknownInSpace(spec?.space, `${path}.space`),
    ...objective,
    ...unknownInAlgorithm(spec?.algorithm, `${path}.algorithm`),
  ];
}

function unknownInAlgorithm(algorithm: optimizer.Algorithm | undefined, path: string): FieldViolation[] {
  const kind = algorithm?.kind;
  if (!kind || !("model" in kind.value)) return [];
  const model = `${path}.${fieldOfKind(algorithmFromProto(algorithm).kind)}.model`;
  return unknown([
    [`${model}.inference`, kind.value.model?.inference],
    [`${model}.gaussian_process.fidelity_kernel`, kind.value.model?.gaussianProcess?.fidelityKernel],
  ]);
}

function unknown(values: Values): FieldViolation[] {
  return values
    .filter(([, value]) => value === common.Scale.UNRECOGNIZED)
    .map(([path]) => ({ path, message: "is not a known value of its enum" }));
}
