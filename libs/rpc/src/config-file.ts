import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { ConfigError } from "./config-error.ts";

/**
 * The keys of a JSON or YAML file (JSON is YAML).
 *
 * @throws {ConfigError} naming the file if it cannot be read or does not hold keys and values.
 */
export function readConfigFile(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigError([`${path}: ${(error as Error).message}`]);
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new ConfigError([`${path}: must hold keys with values`]);
  }
  return content as Record<string, unknown>;
}
