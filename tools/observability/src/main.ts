/**
 * `npm run observability`: a study with real services and a real trainer sends to a real collector with the deployed configuration, behind which are Jaeger and
 * Prometheus; then these are asked for what they have. tools/observability/check.sh builds them first.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "@superbatch/launcher";
import { attribute, spanName } from "@superbatch/telemetry";
import { type Backends, startBackends } from "./backends.ts";
import { type Check, check } from "./check.ts";
import { awaitTrace, findTrace, type Span } from "./jaeger.ts";
import { checkExemplars, checkQueries, checkSchema } from "./prometheus-checks.ts";
import { endTrials, type Outcomes, optimizerClient, type Recorded, trainStudy } from "./study.ts";
import { checkTrialTrace } from "./trace-checks.ts";

const folder = mkdtempSync(join(tmpdir(), "superbatch-observability-"));
let failures = 0;

function report(title: string, checks: readonly Check[]): void {
  console.log(`\n${title}`);
  for (const { text, ok } of checks) console.log(`  ${ok ? "ok    " : "FAILED"} ${text}`);
  failures += checks.filter(({ ok }) => !ok).length;
}

const started = performance.now();
try {
  // All trained trials cost more than this, and so keep their traces.
  await using backends = await startBackends({ folder, keepCostAbove: 0.01, keepPercentage: 0 });
  await run(backends);
} finally {
  if (failures === 0) rmSync(folder, { recursive: true });
  else console.log(`\nLogs are in ${folder}`);
}
console.log(
  `\n${failures === 0 ? "ok" : `${failures} FAILED`} in ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = failures === 0 ? 0 : 1;

async function run({ otlp, jaeger, prometheus }: Backends): Promise<void> {
  Object.assign(process.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_BSP_SCHEDULE_DELAY: "300",
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
    ...Object.fromEntries(["OPTIMIZER", "TRAINER"].map((name) => [`SUPERBATCH_${name}_LOG_LEVEL`, "debug"])),
  });
  const stack = await startStack({ stateDir: folder, trainers: 1, trainerArgs: ["--no-download"] });
  const { client, close } = optimizerClient(stack);
  try {
    const outcomes = await endTrials(client);
    const trained = await trainStudy(client, stack.failed);
    const last = trained.at(-1)!;
    const spans = (await awaitTrace(jaeger, last.traceId, spanName.trial)) ?? [];
    report(`Trace ${last.traceId} of ${last.name}, as Jaeger has it`, checkTrialTrace(spans, last.name, last.cost));
    report("Links", await checkLinks(jaeger, spans, trained));
    report("Logs", [checkLog(last, "optimizer"), checkLog(last, "trainer-1")]);
    report("Sampling", await checkSampling(jaeger, outcomes, trained));
    report("Exemplars", [await checkExemplars(prometheus, new Set(trained.map(({ traceId }) => traceId)))]);
    report("Series and the schema", await checkSchema(prometheus));
    report("Boards and alerts", await checkQueries(prometheus));
  } finally {
    close();
    await stack.stop();
  }
}

/** The suggestion of a trial leads to the traces of the trials before. */
async function checkLinks(jaeger: string, spans: readonly Span[], trained: readonly Recorded[]): Promise<Check[]> {
  const links = spans.filter(({ name }) => name === spanName.suggest).flatMap((span) => span.links);
  const before = trained.slice(0, -1);
  const named = before.filter(({ traceId }) => links.includes(traceId));
  const roots = await Promise.all(
    links.map(async (id) => (await awaitTrace(jaeger, id, spanName.trial))?.find((span) => span.parent === undefined)),
  );
  const names = roots.map((span) => span?.attributes[attribute.trial]);
  return [
    check(
      `the suggestion links to ${links.length} traces, all of trials before`,
      links.length > 0 && named.length === links.length,
    ),
    check(
      `they are those of ${names.join(", ")}`,
      named.every(({ name }) => names.includes(name)),
    ),
  ];
}

/** Failed and costly trials keep their traces, others do not. */
async function checkSampling(
  jaeger: string,
  { cheap, costly, failed }: Outcomes,
  trained: readonly Recorded[],
): Promise<Check[]> {
  const kept = async ({ traceId }: Recorded) => (await awaitTrace(jaeger, traceId, spanName.trial)) !== undefined;
  const all = await Promise.all(trained.map(kept));
  return [
    check(`${all.filter(Boolean).length} of ${trained.length} trained trials are kept`, all.every(Boolean)),
    check("a costly trial is kept", await kept(costly)),
    check("a failed trial is kept", await kept(failed)),
    // It ended before the others.
    check("a cheap trial is not kept", (await findTrace(jaeger, cheap.traceId)) === undefined),
  ];
}

/** A service's log has lines that carry the id of the trial's trace. */
function checkLog({ traceId }: Recorded, service: string): Check {
  const lines = readFileSync(join(folder, "logs", `${service}.log`), "utf8")
    .trimEnd()
    .split("\n");
  const found = lines.filter((line) => line.includes(`"traceId":"${traceId}"`)).length;
  return check(`${found} lines of ${service} carry the trace's id`, found > 0);
}
