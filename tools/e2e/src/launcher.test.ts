import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startOtlpReceiver } from "@superbatch/telemetry/testing";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary.ts";

const main = fileURLToPath(new URL("../../launcher/src/main.ts", import.meta.url));

interface Run extends Disposable {
  readonly process: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  readonly ended: Promise<number | null>;
}

/** `npm start` with the given options, in a process group of its own, which ends with its scope at the latest. */
function start(stateDir: string, options: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [main, "--state-dir", stateDir, ...options], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const dispose = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGKILL");
  };
  return { process: child, output: () => output, ended, [Symbol.dispose]: dispose };
}

async function until(condition: () => boolean, run: Run): Promise<void> {
  const over = run.ended.then(() => {
    throw new Error(`ended too early:\n${run.output()}`);
  });
  while (!condition()) await Promise.race([new Promise((resolve) => setTimeout(resolve, 50)), over]);
}

const results = (stateDir: string, study: string) =>
  JSON.parse(readFileSync(join(stateDir, "results", study, "results.json"), "utf8")) as {
    study: { state: string; progress: { cost: { total: number } } };
    recommendation: { observedValue: number };
    trials: { trial: number; value?: number; traceparent: string; cost: Record<string, number> }[];
  };

describe("npm start", () => {
  it("loses no completed trial to kill -9 of everything, and goes on to its budget", { timeout: 400_000 }, async () => {
    using folder = temporaryFolder();
    const options = ["--trials", "6", "--study", "survivor"];
    using first = start(folder.path, options);
    const completedLines = () => first.output().match(/^trial \d+ .* error \d.*$/gm) ?? [];
    await until(() => completedLines().length >= 3, first);
    process.kill(-first.process.pid!, "SIGKILL");
    await first.ended;
    const before = completedLines().map((line) => Number(/^trial (\d+)/.exec(line)![1]));

    using second = start(folder.path, options);
    expect(await second.ended, second.output()).toBe(0);
    expect(second.output()).toContain("Going on with projects/default/studies/survivor");
    expect(second.output()).toMatch(/Recommended \(trial \d+\): .*learning_rate=/);
    const { study, trials } = results(folder.path, "survivor");
    const completed = trials.filter(({ value }) => value !== undefined);
    expect(study.state).toBe("STUDY_STATE_COMPLETED");
    expect(completed).toHaveLength(6);
    expect(completed.map(({ trial }) => trial)).toEqual(expect.arrayContaining(before));

    // Once more, with nothing left to do: the same results again, at once.
    using third = start(folder.path, options);
    expect(await third.ended, third.output()).toBe(0);
    expect(results(folder.path, "survivor").trials).toEqual(trials);

    using other = start(folder.path, [...options, "--algorithm", "random"]);
    expect(await other.ended).toBe(1);
    expect(other.output()).toContain("has algorithm entropy-search, not random; name another study with --study");
  });

  it("leaves one trace for each trial, across all four processes, with its cost", { timeout: 400_000 }, async () => {
    using folder = temporaryFolder();
    await using receiver = await startOtlpReceiver();
    // Enough trials for the model to choose some: one trainer, so that the initial design is over.
    const options = ["--trials", "9", "--trainers", "1", "--study", "traced"];
    using run = start(folder.path, options, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
    expect(await run.ended, run.output()).toBe(0);
    const { trials } = results(folder.path, "traced");
    const services = new Set<string>();
    for (const { traceparent, cost } of trials) {
      const traceId = traceparent.split("-")[1]!;
      const spans = receiver.spans.filter((span) => span.traceId === traceId);
      for (const { service } of spans) services.add(service);
      const roots = spans.filter(({ name }) => name === "superbatch.trial");
      expect(roots).toHaveLength(1);
      expect(roots[0]!.attributes["superbatch.cost.total"]).toBeCloseTo(cost.total!, 6);
      const train = spans.find(({ name }) => name === "superbatch.train");
      expect(train?.service).toContain("trainer");
    }
    const last = trials.at(-1)!.traceparent.split("-")[1]!;
    const lastServices = new Set(
      receiver.spans.filter(({ traceId }) => traceId === last).map(({ service }) => service),
    );
    expect([...lastServices].sort()).toEqual(["importance-sampler", "optimizer", "surrogate-model", "trainer"]);
  });
});
