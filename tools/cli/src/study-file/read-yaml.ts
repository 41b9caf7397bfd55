import { readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";

/** A file's content with where each of its values stands. */
export interface YamlFile<Value> {
  readonly value: Value;
  readonly path: string;
  /** `FILE:LINE` of the value at a path of keys and indices, or of the nearest value around it. */
  locate(keys: readonly PropertyKey[]): string;
}

/**
 * Reads a YAML (or JSON) file against a schema.
 *
 * @throws {CommandError} that names the file, and for each mistake its line and its path, all at once.
 */
export function readYaml<Schema extends z.ZodType>(path: string, schema: Schema): YamlFile<z.output<Schema>> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, { exitCode: exitCodes.usage });
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const at = (offset: number) => `${path}:${lineCounter.linePos(offset).line}`;
  if (document.errors.length > 0) {
    const fields = document.errors.map(({ pos, message }) => ({ path: at(pos[0]), message }));
    throw new CommandError(`${path} is not valid YAML`, { exitCode: exitCodes.usage, fields });
  }
  const locate = (keys: readonly PropertyKey[]): string => {
    for (let length = keys.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(keys.slice(0, length), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) return at(range[0]);
    }
    return path;
  };
  const result = schema.safeParse(document.toJS() ?? {});
  if (!result.success) {
    const fields = result.error.issues.map((issue) => ({
      path: `${locate(issue.path)}${issue.path.length > 0 ? ` ${formatPath(issue.path)}` : ""}`,
      message: issue.message,
    }));
    throw new CommandError(`${path} has mistakes`, { exitCode: exitCodes.usage, fields });
  }
  return { value: result.data, path, locate };
}

/** `space.parameters[2].name` */
export function formatPath(keys: readonly PropertyKey[]): string {
  return keys.map((key, i) => (typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`)).join("");
}

/** The keys of a path that a service names. */
export function parsePath(path: string): (string | number)[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index));
}
