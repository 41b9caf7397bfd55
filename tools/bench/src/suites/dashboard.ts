import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import {
  createStudy,
  exampleSpec,
  launchChromium,
  type OptimizerClient,
  startDashboard,
  startOptimizer,
} from "@superbatch/e2e/browser";
import { atMost, type Benchmark } from "../benchmark.ts";

/** Results that come in one call. */
const batch = 500;

/** How soon a large study can be looked at, measured in a real browser over real services. */
const benchmark: Benchmark = {
  name: "dashboard",
  description:
    "Opens a study of 50,000 trials in headless Chromium: time until its page can be used, and what is loaded for it.",
  async run({ quick, log }) {
    const trials = quick ? 2_000 : 50_000;
    const folder = mkdtempSync(join(tmpdir(), "superbatch-bench-"));
    const services = await startOptimizer(folder, ["--max-trials", String(trials + 1000)]);
    try {
      log(`adding ${trials} trials`);
      const study = await createStudy(services.client, "large", {
        ...(exampleSpec(0) as object),
        algorithm: { random: {} },
      });
      await addTrials(services.client, study, trials, log);
      const rows = [await measure(folder, services.address, trials, log)];
      const [{ usable, script, sorted, again }] = rows as [Measured];
      return {
        columns: [
          "trials",
          "first figure, s (cold)",
          "page usable, s",
          "trials sorted, s",
          "JavaScript, kB compressed",
        ],
        rows: [[trials, again.cold, usable, sorted, script / 1000]],
        bars: [
          atMost(`page usable, ${trials} trials, s`, usable, 2),
          atMost("JavaScript on first view, kB compressed", script / 1000, 400),
        ],
        notes: [
          "Usable: the study's heading, tabs and actions answer, and the first figure is drawn; the dashboard has read the study once before. Cold: the same with a dashboard that has not, so that it reads all trials first.",
        ],
      };
    } finally {
      await services[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export default benchmark;

interface Measured {
  readonly usable: number;
  readonly script: number;
  readonly sorted: number;
  readonly again: { readonly cold: number };
}

async function measure(
  folder: string,
  address: string,
  trials: number,
  log: (line: string) => void,
): Promise<Measured> {
  const dashboard = await startDashboard(folder, address);
  const browser = await launchChromium();
  try {
    const view = async () => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send("Network.enable");
      const scripts = new Set<string>();
      let script = 0;
      devtools.on("Network.responseReceived", ({ requestId, type }) => {
        if (type === "Script") scripts.add(requestId);
      });
      devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
        if (scripts.has(requestId)) script += encodedDataLength;
      });
      const started = performance.now();
      await page.goto(`${dashboard.url}/studies/default/large`);
      await page.locator(".figure-place svg").first().waitFor({ timeout: 120_000 });
      const usable = (performance.now() - started) / 1000;
      await page.goto(`${dashboard.url}/studies/default/large?tab=trials`);
      await page.locator("tbody tr").first().waitFor();
      const sorting = performance.now();
      await page.getByRole("button", { name: "learning_rate" }).click();
      await page.locator('th[aria-sort="ascending"]').waitFor();
      const sorted = (performance.now() - sorting) / 1000;
      await context.close();
      return { usable, script, sorted };
    };
    log("looking");
    const cold = await view();
    const times = [await view(), await view(), await view()].sort((a, b) => a.usable - b.usable);
    log(
      `${trials} trials: ${times.map(({ usable }) => usable.toFixed(2)).join(", ")} s, cold ${cold.usable.toFixed(2)} s`,
    );
    return { ...times[1]!, again: { cold: cold.usable } };
  } finally {
    await browser.close();
    await dashboard.process.stop(10);
  }
}

/** Known results, spread over the space. */
async function addTrials(
  client: OptimizerClient,
  study: string,
  count: number,
  log: (line: string) => void,
): Promise<void> {
  for (let first = 0; first < count; first += batch) {
    const trials = Array.from({ length: Math.min(batch, count - first) }, (_, i) => {
      const share = ((first + i) * 0.618034) % 1;
      const other = ((first + i) * 0.754878) % 1;
      const value = 0.05 + (share - 0.6) ** 2 + 0.3 * (other - 0.8) ** 2;
      return optimizer.Trial.fromJSON({
        parameters: {
          learning_rate: { number: 10 ** (-4 + 4 * share) },
          momentum: { number: 0.99 * other },
          layers: { number: 1 + ((first + i) % 4) },
          activation: { text: ["relu", "tanh", "gelu"][(first + i) % 3]! },
          super_batch: { number: 128 * 2 ** ((first + i) % 6) },
        },
        measurement: { value, metrics: { validation_error: value }, cost: { total: 5, gradient: 3, scoring: 2 } },
      });
    });
    await client.addTrials({ study, trials });
    if (first % 10_000 === 0) log(`${first + trials.length} trials`);
  }
}
