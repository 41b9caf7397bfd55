import { z } from "zod";
import type { ConfigSchema } from "./config.ts";

/** One key of a configuration under all its names. The reference documentation is made from these. */
export interface ConfigKey {
  /** camelCase, as in files and code. */
  readonly name: string;
  /** kebab-case, without the dashes. */
  readonly flag: string;
  readonly variable: string;
  readonly type: "string" | "number" | "integer" | "boolean" | "array" | "mixed";
  /** Allowed values, if they are few. */
  readonly choices?: readonly string[];
  /** Allowed range, such as "1 to 64"; absent if unbounded. */
  readonly range?: string;
  readonly description: string;
  readonly default?: unknown;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly description?: string;
  readonly default?: unknown;
}

/** The keys of a schema, in its order. */
export function configKeys(service: string, schema: ConfigSchema): ConfigKey[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" }) as { properties?: Record<string, JsonSchema> };
  return Object.entries(properties).map(([name, property]) => {
    const flag = name.replace(/([A-Z])/g, "-$1").toLowerCase();
    const range = rangeOf(property);
    return {
      name,
      flag,
      variable: `SUPERBATCH_${service}_${flag}`.replaceAll("-", "_").toUpperCase(),
      type: (property.type ?? "mixed") as ConfigKey["type"],
      ...(property.enum && { choices: property.enum }),
      ...(range !== undefined && { range }),
      description: property.description ?? "",
      ...(property.default !== undefined && { default: property.default }),
    };
  });
}

function rangeOf(property: JsonSchema): string | undefined {
  // zod states the safe integers' limits as bounds of every integer; they tell a reader nothing.
  const minimum = property.minimum === Number.MIN_SAFE_INTEGER ? undefined : property.minimum;
  const maximum = property.maximum === Number.MAX_SAFE_INTEGER ? undefined : property.maximum;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `at least ${minimum}`;
  if (property.exclusiveMinimum !== undefined) return `above ${property.exclusiveMinimum}`;
  return maximum === undefined ? undefined : `at most ${maximum}`;
}

/** A flag's or variable's text as the key's type; text that does not fit is returned as it is, for the schema to refuse. */
export function parseText(key: ConfigKey, text: unknown): unknown {
  if (typeof text !== "string") return text;
  switch (key.type) {
    case "number":
    case "integer":
      return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
    case "boolean":
      return ({ true: true, 1: true, false: false, 0: false } as Record<string, unknown>)[text.toLowerCase()] ?? text;
    case "array":
      return text.split(",").map((item) => item.trim());
    case "mixed":
      return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
    default:
      return text;
  }
}
