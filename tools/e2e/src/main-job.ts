import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary.ts";

/**
 * `node main-job.ts digits` or `node main-job.ts cifar10 FOLDER`: runs `npm start` as a new user would and checks what it ends with. Not a vitest
 * test, since it takes minutes.
 */
interface Expectation {
  readonly completed: number;
  readonly error: number;
  readonly importanceSampled: number;
}

const expectations: Readonly<Record<string, Expectation>> = {
  digits: { completed: 20, error: 0.05, importanceSampled: 1 },
  // Chance is 90%.
  cifar10: { completed: 12, error: 0.6, importanceSampled: 1 },
};

const [dataset = "", dataDir] = process.argv.slice(2);
const expected = expectations[dataset];
if (!expected) throw new Error(`the first argument must be one of ${Object.keys(expectations).join(", ")}`);

using folder = temporaryFolder();
const options = ["--dataset", dataset, ...(dataDir ? ["--data-dir", dataDir] : []), "--state-dir", folder.path];
const root = new URL("../../../", import.meta.url);
const started = performance.now();
const { status } = spawnSync("npm", ["start", "--", ...options], { cwd: root, stdio: "inherit" });
const seconds = (performance.now() - started) / 1000;

const study = `${dataset}-small-cnn-entropy-search-1`;
const { recommendation, trials } = JSON.parse(
  readFileSync(join(folder.path, "results", study, "results.json"), "utf8"),
) as { recommendation: { observedValue: number }; trials: { value?: number; importanceShare?: number }[] };
const completed = trials.filter(({ value }) => value !== undefined).length;
const importanceSampled = trials.filter(({ importanceShare = 0 }) => importanceShare > 0).length;

const checks: [string, boolean][] = [
  [`exit status ${status}, wanted 0`, status === 0],
  [`${completed} completed trials, wanted at least ${expected.completed}`, completed >= expected.completed],
  [
    `recommended error ${recommendation.observedValue}, wanted at most ${expected.error}`,
    recommendation.observedValue <= expected.error,
  ],
  [
    `${importanceSampled} trials with importance sampling, wanted at least ${expected.importanceSampled}`,
    importanceSampled >= expected.importanceSampled,
  ],
];
for (const [text, ok] of checks) console.log(`${ok ? "ok    " : "FAILED"} ${text}`);
console.log(`${dataset}: ${seconds.toFixed(0)} s`);
process.exitCode = checks.every(([, ok]) => ok) ? 0 : 1;
