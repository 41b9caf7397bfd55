/**
 * `npm run images:check`: what deploy/compose.yaml describes runs from the built images, as containers of crun in a network of their own; then a study is trained. Names,
 * commands, environment, mounts and users are those of the compose file. The images of others are not to be had without a registry: PostgreSQL is this machine's,
 * collector, Jaeger and Prometheus are the programs that tools/observability builds, Grafana is left out. tools/images/check.sh comes first.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { type Check, check } from "@superbatch/observability/check";
import { awaitTrace } from "@superbatch/observability/jaeger";
import { poll } from "@superbatch/observability/program";
import { trainStudy } from "@superbatch/observability/study";
import { createClient } from "@superbatch/rpc";
import { spanName } from "@superbatch/telemetry";
import { root } from "../bundle.ts";
import { type ComposeService, readCompose } from "./compose.ts";
import { startService, unpackAll } from "./composed.ts";
import type { Container } from "./container.ts";
import { chartName, helmTest } from "./helm-test.ts";
import { type Image, inspect } from "./image.ts";
import { checkImage } from "./image-checks.ts";
import { createNetwork } from "./network.ts";
import { startPostgresql } from "./postgresql.ts";

const folder = mkdtempSync(join(tmpdir(), "superbatch-containers-"));
const started = performance.now();
let failures = 0;

function report(title: string, checks: readonly Check[]): void {
  console.log(`\n${title}`);
  for (const { text, ok } of checks) console.log(`  ${ok ? "ok    " : "FAILED"} ${text}`);
  failures += checks.filter(({ ok }) => !ok).length;
}

const compose = readCompose(readFileSync(join(root, "build/compose.yaml"), "utf8"));
const ours = compose.filter(({ target }) => target !== undefined);
try {
  const images = unpackAll(compose, folder);
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const revision = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  report(
    "Images",
    ours.flatMap(({ target }) => checkImage(images.get(target!)!, inspect(target!), version, revision)),
  );
  await run(images);
} catch (error) {
  failures++;
  throw error;
} finally {
  if (failures === 0) rmSync(folder, { recursive: true });
  else console.log(`\nLogs are in ${folder}`);
}
console.log(
  `\n${failures === 0 ? "ok" : `${failures} FAILED`} in ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = failures === 0 ? 0 : 1;

async function run(images: ReadonlyMap<string, Image>): Promise<void> {
  const network = createNetwork(folder);
  network.addName("postgresql", network.gateway);
  await using _postgresql = await startPostgresql(network.gateway, "superbatch");
  const running = new Map<ComposeService, Container[]>();
  for (const service of compose) running.set(service, startService(service, images, network, folder));
  const of = (name: string) => [...running].find(([service]) => service.name === name)![1][0]!;
  const all = [...running.values()].flat();
  const failed = Promise.race(
    all.map(async ({ name, ended, log }) => {
      const status = await ended;
      throw new Error(`${name} ended with ${status}\n${log().trimEnd().split("\n").slice(-8).join("\n")}`);
    }),
  );
  // Looked at where it matters; at the end all of them end.
  failed.catch(() => {});

  report("Containers", [...(await Promise.race([checkHealth(of), failed])), await checkConfined(of("optimizer"))]);
  for (const service of ["optimizer", "surrogate-model", "importance-sampler"])
    network.addName(chartName(service), of(service).address);
  const { client, close } = createClient(optimizer.OptimizerServiceDefinition, `${of("optimizer").address}:7601`);
  try {
    report("A study", await checkStudy(await trainStudy(client, failed), of));
  } finally {
    close();
  }
  const healthy = await helmTest(images.get("optimizer")!, network, folder);
  const stopped = await Promise.all(
    [...running].flatMap(([{ name, target, graceSeconds }, containers]) =>
      target === undefined || name === "optimizer" ? [] : containers.map(async (each) => end(each, graceSeconds)),
    ),
  );
  const unhealthy = await helmTest(images.get("optimizer")!, network, folder);
  report("The pod of helm test", [
    check(`ends with ${healthy.status}: ${lines(healthy.output)}`, healthy.status === 0),
    check(`ends with ${unhealthy.status} when services are gone: ${lines(unhealthy.output)}`, unhealthy.status === 1),
  ]);
  report("Ends", [...stopped, await end(of("optimizer"), 30)]);
  await Promise.all(all.map((each) => each.stop(10)));
}

function lines(text: string): string {
  return text.trim().replaceAll("\n", "; ");
}

async function end(container: Container, graceSeconds: number): Promise<Check> {
  const status = await container.stop(graceSeconds);
  return check(`${container.name} ends with ${status ?? "force"} within ${graceSeconds} s of SIGTERM`, status === 0);
}

/** Every service answers, by the program that images have for that, or over HTTP. */
async function checkHealth(of: (name: string) => Container): Promise<Check[]> {
  const asked = { "surrogate-model": 7602, "importance-sampler": 7603, optimizer: 7601, trainer: 7604 };
  const grpc = Object.entries(asked).map(async ([name, port]) => {
    const probe = ["node", "/app/probe.mjs", `${name}:${port}`];
    const output = await poll(90, async () => {
      const answer = await of("optimizer").exec(probe);
      return answer.status === 0 ? answer.output.trim() : undefined;
    });
    return check(output ?? `${name} does not answer`, output !== undefined);
  });
  const page = await poll(90, async () => (await fetch(`http://${of("dashboard").address}:7605/healthz`)).status);
  return [...(await Promise.all(grpc)), check(`dashboard: HTTP ${page}`, page === 200)];
}

/** Nothing in the container may do more than the program needs. */
async function checkConfined(container: Container): Promise<Check> {
  const script = `
    const fs = require("node:fs");
    const of = (name) => new RegExp(name + ":[^0-9a-f]*([0-9a-f]+)").exec(fs.readFileSync("/proc/1/status", "utf8"))[1];
    let write = "allowed";
    try { fs.writeFileSync("/app/x", ""); } catch (error) { write = error.code; }
    fs.writeFileSync("/tmp/x", "");
    console.log([of("Uid"), of("CapBnd"), of("NoNewPrivs"), write].join(" "));`;
  const { output } = await container.exec(["node", "-e", script]);
  return check(
    `user, capabilities, no new privileges, writing to its files: ${output.trim()}`,
    output.trim() === "65532 0000000000000000 1 EROFS",
  );
}

/** The study's trials are there, their traces have come to Jaeger, and metrics to Prometheus, by the configurations that the compose file mounts. */
async function checkStudy(
  trials: readonly { readonly name: string; readonly traceId: string }[],
  of: (name: string) => Container,
): Promise<Check[]> {
  const spans =
    (await awaitTrace(`http://${of("jaeger").address}:16686`, trials.at(-1)!.traceId, spanName.trial)) ?? [];
  const services = [...new Set(spans.map(({ service }) => service))].sort();
  const query = new URLSearchParams({ query: 'superbatch_trial_ends_total{superbatch_trial_state="completed"}' });
  const series = await poll(60, async () => {
    const response = await fetch(`http://${of("prometheus").address}:9090/api/v1/query?${query}`);
    const { data } = (await response.json()) as { data: { result: readonly object[] } };
    return data.result.length > 0 ? data.result.length : undefined;
  });
  const rules = await fetch(`http://${of("prometheus").address}:9090/api/v1/rules`);
  const { data } = (await rules.json()) as { data: { groups: readonly object[] } };
  return [
    check(`${trials.length} trials of two trainers completed`, trials.length === 6),
    check(`the last one's trace: ${spans.length} spans of ${services.join(", ")}`, services.length === 4),
    check(
      `Prometheus has ${series ?? 0} series of trials that ended, and ${data.groups.length} groups of rules`,
      series !== undefined && data.groups.length > 0,
    ),
  ];
}
