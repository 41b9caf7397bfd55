import { prometheusSeries, telemetrySchema } from "@superbatch/telemetry/schema";
import { boards, queriesOf } from "./boards/index.ts";
import { type Check, check } from "./check.ts";
import { allowedLabels } from "./names.ts";
import { poll } from "./program.ts";
import { readRules, watched } from "./rules.ts";

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function ask<T>(prometheus: string, path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
  const response = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = (await response.json()) as { status: string; error?: string; data: T };
  if (body.status !== "success") throw new Error(body.error);
  return body.data;
}

const instant = async (prometheus: string, query: string) =>
  (await ask<{ result: readonly Sample[] }>(prometheus, "query", { query })).result;

/** Whether each question has an answer with a number in it; counters need some scrapes before they have rates. */
async function checkAnswers(prometheus: string, what: string, expr: string): Promise<Check> {
  let error = "";
  const numbers = await poll(20, async () => {
    try {
      const found = (await instant(prometheus, expr)).filter(({ value }) => Number.isFinite(Number(value[1])));
      return found.length > 0 ? found.length : undefined;
    } catch (thrown) {
      error = ` ${thrown}`;
      return undefined;
    }
  });
  return check(`${what}: ${numbers ?? 0} series${error}`, numbers !== undefined);
}

/** Every question of every board and alert is asked. */
export async function checkQueries(prometheus: string): Promise<Check[]> {
  const { alerts, recorded } = readRules();
  const questions = [
    ...boards.flatMap((board) =>
      queriesOf(board).map(({ panel, expr }) => [`board ${board.uid}, ${panel}`, expr] as const),
    ),
    ...[...alerts].map(([name, expr]) => [`alert ${name}`, watched(expr)!] as const),
    ...[...recorded].map(([name, expr]) => [`recorded ${name}`, expr] as const),
  ];
  return Promise.all(questions.map(([what, expr]) => checkAnswers(prometheus, what, expr)));
}

/** What Prometheus has is what the schema says, no more and no less. */
export async function checkSchema(prometheus: string): Promise<Check[]> {
  const schema = telemetrySchema();
  const known = new Set(schema.metrics.flatMap(prometheusSeries));
  const names = await ask<readonly string[]>(prometheus, "label/__name__/values");
  const ours = names.filter((name) => /^(superbatch|rpc|nodejs)_/.test(name) && name !== "superbatch_span_calls_total");
  const unknown = ours.filter((name) => !known.has(name));
  const missing = [...known].filter((name) => !ours.includes(name));
  const labels = await Promise.all(
    ours.map(async (name) => {
      const allowed = allowedLabels(schema, name);
      const series = await ask<readonly Record<string, string>[]>(prometheus, "series", { "match[]": name });
      const extra = new Set(series.flatMap((labels) => Object.keys(labels)).filter((label) => !allowed?.has(label)));
      return [...extra].map((label) => `${name}{${label}}`);
    }),
  );
  return [
    check(`${ours.length} series names, not in the schema: ${unknown.join(", ") || "none"}`, unknown.length === 0),
    check(`in the schema but not seen: ${missing.join(", ") || "none"}`, missing.length === 0),
    check(`labels that are not in the schema: ${labels.flat().join(", ") || "none"}`, labels.flat().length === 0),
  ];
}

/** Exemplars lead from the histogram of spans to traces that the backend has. */
export async function checkExemplars(prometheus: string, traceIds: ReadonlySet<string>): Promise<Check> {
  const end = Date.now() / 1000;
  const query = 'superbatch_span_duration_seconds_bucket{span_name="superbatch.train"}';
  const found = await ask<readonly { exemplars: readonly { labels: Record<string, string> }[] }[]>(
    prometheus,
    "query_exemplars",
    { query, start: String(end - 600), end: String(end) },
  );
  const ids = new Set(found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id ?? "")));
  const leading = [...ids].filter((id) => traceIds.has(id)).length;
  return check(
    `${leading} of ${ids.size} exemplars of attempts lead to trials' traces`,
    leading > 0 && leading === ids.size,
  );
}
