import type { ConfigKey } from "./config-keys.ts";

/** What `--help` prints: every key with its flag, variable, type, range and default. */
export function helpText(service: string, description: string, keys: readonly ConfigKey[]): string {
  const lines = [
    `${service}: ${description}`,
    "",
    "Options (a flag wins over its variable, that over the file, that over the default):",
  ];
  for (const key of keys) {
    lines.push("", `  ${flagUsage(key)}`, `      ${key.description}`, `      ${facts(key).join("; ")}`);
  }
  lines.push(
    "",
    "  --config FILE",
    "      JSON or YAML file with any of these keys, in camelCase.",
    "",
    "  --help",
    "      Prints this.",
  );
  return lines.join("\n");
}

function flagUsage(key: ConfigKey): string {
  if (key.type === "boolean") return `--${key.flag}, --no-${key.flag}`;
  const value = key.choices ? key.choices.join("|") : key.type === "string" ? "TEXT" : key.type.toUpperCase();
  return `--${key.flag} ${key.type === "array" ? "TEXT (may be repeated)" : value}`;
}

function facts(key: ConfigKey): string[] {
  const facts = [key.variable];
  if (key.range) facts.push(key.range);
  if (key.default !== undefined) facts.push(`default: ${JSON.stringify(key.default)}`);
  return facts;
}
