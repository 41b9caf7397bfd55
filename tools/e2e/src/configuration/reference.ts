import { config as dashboard } from "@superbatch/dashboard/config";
import { config as sampler } from "@superbatch/importance-sampler/config";
import { config as katib } from "@superbatch/katib-suggestion/config";
import { optimizerConfig } from "@superbatch/optimizer/config";
import { type ConfigDefinition, type ConfigKey, type ConfigSchema, configKeys } from "@superbatch/rpc";
import { surrogateConfig } from "@superbatch/surrogate-model/config";
import { config as trainer } from "@superbatch/trainer/config";

/** The schema of each service: flags, variables, files, `--help` and the reference come from it. */
export const definitions: readonly ConfigDefinition<ConfigSchema>[] = [
  optimizerConfig,
  surrogateConfig,
  sampler,
  trainer,
  dashboard,
  katib,
];

/** docs/reference/configuration.md. */
export function renderReference(): string {
  const lines = [
    "# Configuration",
    "",
    "<!-- Generated from the services' schemas by `npm run configuration -w @superbatch/e2e`. Do not edit. -->",
    "",
    "Each key can be a flag (`--listen`), an environment variable (`SUPERBATCH_OPTIMIZER_LISTEN`), or a key of a JSON or YAML file (`listen`), which",
    "`--config FILE` or `SUPERBATCH_OPTIMIZER_CONFIG` names. A flag wins over the variable, that over the file, that over the default. A boolean flag is given",
    "as `--name` or `--no-name`; a list by repeating the flag, or with commas in the variable. A service that finds anything wrong says all of it, each with",
    "the key as it was given, and ends with status 2. `--help` prints the same keys.",
    "",
  ];
  for (const { service, description, schema } of definitions) {
    lines.push(`## ${service}`, "", `${description.charAt(0).toUpperCase()}${description.slice(1)}`, "");
    lines.push(row(["Flag", "Variable", "File", "Value", "Default", "Meaning"]), row(Array(6).fill("---")));
    for (const key of configKeys(service, schema)) lines.push(rowOf(key));
    lines.push("");
  }
  return lines.join("\n");
}

function rowOf(key: ConfigKey): string {
  const value = key.choices ? key.choices.map((choice) => `\`${choice}\``).join(", ") : key.type;
  return row([
    `\`--${key.flag}\``,
    `\`${key.variable}\``,
    `\`${key.name}\``,
    key.range ? `${value}, ${key.range}` : value,
    key.default === undefined ? "" : `\`${JSON.stringify(key.default)}\``,
    key.description,
  ]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
