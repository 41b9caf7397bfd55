import type { Dimension } from "@superbatch/search-space";
import type { Dimension as DimensionMessage } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";
import { basisFromProto, basisToProto, effectFromProto, effectToProto } from "./space.ts";

export function dimensionToProto(dimension: Dimension): DimensionMessage {
  const condition = "condition" in dimension ? dimension.condition : undefined;
  return {
    name: dimension.name,
    kind: kindToProto(dimension),
    condition: condition && { parent: condition.parent, values: [...condition.values] },
  };
}

function kindToProto(dimension: Dimension): NonNullable<DimensionMessage["kind"]> {
  switch (dimension.kind) {
    case "numeric":
      return { $case: "numeric", value: { levels: dimension.levels ?? 0 } };
    case "categorical":
      return { $case: "categorical", value: { categories: dimension.categories } };
    case "fidelity": {
      const { basis, effect, levels } = dimension;
      const value = { basis: basisToProto(basis), effect: effectToProto(effect), levels: levels ?? 0 };
      return { $case: "fidelity", value };
    }
  }
}

/** @returns undefined if the message does not say what the column holds. */
export function dimensionFromProto(message: DimensionMessage): Dimension | undefined {
  const { name, kind } = message;
  const condition = message.condition && { condition: message.condition };
  switch (kind?.$case) {
    case "numeric":
      return { name, kind: "numeric", ...levels(kind.value.levels), ...condition };
    case "categorical":
      return { name, kind: "categorical", categories: kind.value.categories, ...condition };
    case "fidelity": {
      const { basis, effect } = kind.value;
      const believed = { basis: basisFromProto(basis), ...effectFromProto(effect) };
      return { name, kind: "fidelity", ...believed, ...levels(kind.value.levels) };
    }
    default:
      return undefined;
  }
}

/** 0 on the wire: continuous. */
function levels(count: number): { levels?: number } {
  return count === 0 ? {} : { levels: count };
}
