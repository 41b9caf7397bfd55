import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { chartFile } from "./chart-file.ts";

/** alerts.yaml. */
export interface Rules {
  /** Expression by the name that it is recorded as. */
  readonly recorded: ReadonlyMap<string, string>;
  /** Expression by alert. */
  readonly alerts: ReadonlyMap<string, string>;
}

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr: string }[];
  }[];
}

export function readRules(): Rules {
  const { groups } = parse(readFileSync(chartFile("alerts.yaml"), "utf8")) as RuleFile;
  const rules = groups.flatMap((group) => group.rules);
  const named = (key: "record" | "alert") =>
    new Map(rules.flatMap((rule) => (rule[key] === undefined ? [] : [[rule[key], rule.expr] as const])));
  return { recorded: named("record"), alerts: named("alert") };
}

/** What an alert watches: its expression without the bound. Undefined if it is not a name and a bound. */
export function watched(expr: string): string | undefined {
  return /^(superbatch:[a-z0-9_:]+) [<>] [0-9.]+$/.exec(expr)?.[1];
}
