import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { costPhases, optimizer, pointFromProto } from "@superbatch/contracts";
import { studyReport } from "@superbatch/study-report";
import { percent, type Row, short } from "./row.ts";
import type { OptimizerClient } from "./study.ts";

/** Asks for the recommendation, writes results.json, trials.csv and report.html, and says all of it in words. */
export async function reportResults(
  client: OptimizerClient,
  study: string,
  rows: readonly Row[],
  folder: string,
): Promise<string> {
  const { study: final } = await client.getStudy({ name: study });
  const recommendation = await client.getRecommendation({ study });
  const progress = final!.progress!;
  const files = [
    ...writeResults(folder, final!, recommendation, rows),
    await writeReport(client, folder, final!, recommendation),
  ];
  const parameters = pointFromProto(recommendation.parameters);
  const fixed = new Set(
    final!.spec!.space!.parameters.flatMap(({ name, domain }) => (domain?.$case === "fixed" ? [name] : [])),
  );
  const tuned = Object.entries(parameters).filter(([name]) => !fixed.has(name));
  const cost = progress.cost!;
  const phases = costPhases.map((phase) => `${phase} ${cost[phase].toFixed(1)}`);
  const other = cost.total - cost.scoring - cost.gradient - cost.evaluation - cost.data;
  const sd =
    recommendation.sd === undefined ? "" : `, predicted ${percent(recommendation.mean)} at the target fidelity`;
  const importance = rows.filter(({ importanceShare }) => (importanceShare ?? 0) > 0).length;
  return [
    `Recommended (trial ${recommendation.trial.split("/").at(-1)}): ${tuned.map(([name, value]) => `${name}=${short(value)}`).join(" ")}`,
    `  error ${percent(recommendation.observedValue)} on held-out images${sd}`,
    `Spent ${cost.total.toFixed(1)} ${final!.spec!.costUnit} of training in ${progress.completed} completed trials: ${phases.join(", ")}, other ${other.toFixed(1)}`,
    `Importance sampling was on in ${importance} of ${rows.length} trials`,
    `Results: ${files.join(", ")}`,
  ].join("\n");
}

function writeResults(
  folder: string,
  study: optimizer.Study,
  recommendation: optimizer.GetRecommendationResponse,
  rows: readonly Row[],
): string[] {
  mkdirSync(folder, { recursive: true });
  const json = join(folder, "results.json");
  const csv = join(folder, "trials.csv");
  const document = {
    study: optimizer.Study.toJSON(study),
    recommendation: optimizer.GetRecommendationResponse.toJSON(recommendation),
    trials: rows,
  };
  writeWhole(json, `${JSON.stringify(document, null, 2)}\n`);
  writeWhole(csv, toCsv(rows));
  return [json, csv];
}

/** The study's figures as one page. */
async function writeReport(
  client: OptimizerClient,
  folder: string,
  study: optimizer.Study,
  recommendation: optimizer.GetRecommendationResponse,
): Promise<string> {
  const trials: optimizer.Trial[] = [];
  let pageToken = "";
  do {
    const page = await client.listTrials({ study: study.name, pageSize: 2000, pageToken, includeAttempts: true });
    trials.push(...page.trials);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  const { signal } = new AbortController();
  const html = await studyReport({ reader: client, study, trials, signal, now: Date.now() }, recommendation);
  const file = join(folder, "report.html");
  writeWhole(file, html);
  return file;
}

/** A reader sees the old file or the new one, never a part. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** RFC 4180, a row for each trial, a column for each parameter. */
export function toCsv(rows: readonly Row[]): string {
  const parameters = [...new Set(rows.flatMap((row) => Object.keys(row.parameters)))].sort();
  const costs = ["total", ...costPhases] as const;
  const header = [
    ...["trial", "state", ...parameters, "value"],
    ...costs.map((part) => `cost_${part}`),
    ...["importance_share", "origin", "attempts", "worker", "traceparent", "reason"],
  ];
  const lines = rows.map((row) => [
    ...[row.trial, row.state, ...parameters.map((name) => row.parameters[name] ?? ""), row.value ?? ""],
    ...costs.map((part) => row.cost[part]),
    ...[row.importanceShare ?? "", row.origin, row.attempts, row.worker, row.traceparent, row.reason],
  ]);
  return `${[header, ...lines].map((cells) => cells.map(quote).join(",")).join("\r\n")}\r\n`;
}

function quote(cell: string | number | boolean): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
