import type { ParameterValue, Point } from "@superbatch/search-space";
import type { Value } from "../generated/superbatch/common/v1/value.ts";

export function valueToProto(value: ParameterValue): Value {
  switch (typeof value) {
    case "number":
      return { kind: { $case: "number", value } };
    case "string":
      return { kind: { $case: "text", value } };
    case "boolean":
      return { kind: { $case: "flag", value } };
  }
}

/** @returns undefined if the message carries no value. */
export function valueFromProto(message: Value | undefined): ParameterValue | undefined {
  return message?.kind?.value;
}

export function pointToProto(point: Point): Record<string, Value> {
  return Object.fromEntries(Object.entries(point).map(([name, value]) => [name, valueToProto(value)]));
}

/** Parameters without a value are dropped: validation against the space then names them as missing. */
export function pointFromProto(parameters: Readonly<Record<string, Value>>): Point {
  const entries = Object.entries(parameters).map(([name, message]) => [name, valueFromProto(message)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, ParameterValue] => entry[1] !== undefined));
}
