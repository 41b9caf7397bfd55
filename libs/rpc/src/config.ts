import { parseArgs } from "node:util";
import type { z } from "zod";
import { ConfigError, HelpRequested } from "./config-error.ts";
import { readConfigFile } from "./config-file.ts";
import { helpText } from "./config-help.ts";
import { configKeys, parseText } from "./config-keys.ts";

/** A flat zod object: each key a string, number, boolean, enum, or array of strings, described and with a default where it has one. */
export type ConfigSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

/** One program's configuration. Flags, environment variables, file keys and `--help` all come from `schema`. */
export interface ConfigDefinition<Schema extends ConfigSchema> {
  /** kebab-case; `surrogate-model` reads SUPERBATCH_SURROGATE_MODEL_*. */
  readonly service: string;
  /** One sentence for `--help`. */
  readonly description: string;
  /** Keys in camelCase: `cacheMebibytes` is `--cache-mebibytes` and SUPERBATCH_<SERVICE>_CACHE_MEBIBYTES. */
  readonly schema: Schema;
}

/** Where values come from. Only a program's main.ts passes the real ones. */
export interface ConfigSources {
  /** Without the interpreter and the script: `process.argv.slice(2)`. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

interface Found {
  readonly value: unknown;
  /** How the user named it. */
  readonly origin: string;
}

/**
 * Reads a configuration. Precedence, per key: flag, environment variable, file (`--config FILE` or SUPERBATCH_<SERVICE>_CONFIG; JSON or
 * YAML), default.
 *
 * @throws {ConfigError} listing everything that is wrong at once.
 * @throws {HelpRequested} for `--help`.
 */
export function loadConfig<Schema extends ConfigSchema>(
  definition: ConfigDefinition<Schema>,
  sources: ConfigSources = {},
): z.output<Schema> {
  const { argv = [], env = {} } = sources;
  const keys = configKeys(definition.service, definition.schema);
  const flags = readFlags(keys, argv);
  if (flags.help) throw new HelpRequested(helpText(definition.service, definition.description, keys));
  const configVariable = `SUPERBATCH_${definition.service.replaceAll("-", "_").toUpperCase()}_CONFIG`;
  const path = (flags.config as string | undefined) ?? env[configVariable];
  const file = path === undefined ? {} : readConfigFile(path);

  const problems: string[] = [];
  const found = new Map<string, Found>();
  for (const key of keys) {
    const flag = flags[key.flag];
    const variable = env[key.variable];
    if (flag !== undefined) found.set(key.name, { value: flag, origin: `--${key.flag}` });
    else if (variable !== undefined && variable !== "") {
      found.set(key.name, { value: variable, origin: key.variable });
    } else if (file[key.name] !== undefined) {
      found.set(key.name, { value: file[key.name], origin: `${path}: ${key.name}` });
    }
  }
  for (const name of Object.keys(file)) {
    if (!keys.some((key) => key.name === name)) problems.push(`${path}: ${name}: there is no such key`);
  }

  const input: Record<string, unknown> = {};
  for (const key of keys) {
    const entry = found.get(key.name);
    // Files are typed already; flags and variables are text.
    if (entry) input[key.name] = entry.origin.startsWith(`${path}: `) ? entry.value : parseText(key, entry.value);
  }
  const result = definition.schema.safeParse(input);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const name = String(issue.path[0] ?? "");
      const key = keys.find((candidate) => candidate.name === name);
      const origin = found.get(name)?.origin ?? (key ? `--${key.flag} (or ${key.variable})` : definition.service);
      problems.push(`${origin}: ${issue.message}`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return result.data as z.output<Schema>;
}

function readFlags(keys: ReturnType<typeof configKeys>, argv: readonly string[]): Record<string, unknown> {
  const options: Record<string, { type: "string" | "boolean"; multiple?: boolean; short?: string }> = {
    help: { type: "boolean", short: "h" },
    config: { type: "string" },
  };
  for (const key of keys) {
    options[key.flag] = { type: key.type === "boolean" ? "boolean" : "string", multiple: key.type === "array" };
  }
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowNegative: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}
