import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import {
  type Browser,
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
      const { cold, warm, model, slowest } = await measure(folder, services.address, trials, log);
      return {
        columns: ["trials", "view", "figure drawn, s", "reacts, s", "trials sorted, s", "model's figures, s"],
        rows: [
          [trials, "first after the dashboard's start", cold.drawn, cold.usable, cold.sorted, model],
          [trials, "later ones, median of 5", warm.drawn, warm.usable, warm.sorted, "-"],
        ],
        bars: [
          atMost(`page usable, ${trials} trials, s`, warm.usable, 2),
          atMost("JavaScript on first view, kB compressed", warm.script / 1000, 400),
          atMost("slowest answer about the study while its model is fitted, s", slowest, 1),
        ],
        notes: [
          "From the address to the first figure drawn with the study's data, and to that figure drawn again after a choice. The first view after the dashboard's start reads all trials from the optimizer, and the model's figures wait for a fit.",
        ],
      };
    } finally {
      await services[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

export default benchmark;

/** Seconds, but for the bytes of scripts. */
interface View {
  readonly drawn: number;
  readonly usable: number;
  readonly sorted: number;
  readonly script: number;
}

async function measure(folder: string, address: string, trials: number, log: (line: string) => void) {
  const dashboard = await startDashboard(folder, address);
  const browser = await launchChromium();
  const study = `${dashboard.url}/studies/default/large`;
  try {
    log("looking");
    const cold = await look(browser, study);
    const { model, slowest } = await fitModel(browser, study, `${dashboard.url}/api/studies/default/large`);
    const views: View[] = [];
    for (let i = 0; i < 5; i++) views.push(await look(browser, study));
    views.sort((a, b) => a.usable - b.usable);
    const times = views.map(({ usable }) => usable.toFixed(2)).join(", ");
    log(`${trials} trials: ${times} s, first ${cold.usable.toFixed(2)} s`);
    return { cold, warm: views[2]!, model, slowest };
  } finally {
    await browser.close();
    await dashboard.process.stop(10);
  }
}

/** One visit by somebody who has nothing of the page yet. */
async function look(browser: Browser, study: string): Promise<View> {
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
  const begin = performance.now();
  const since = () => (performance.now() - begin) / 1000;
  await page.goto(study, { waitUntil: "commit" });
  await page.locator('.figure-place svg[aria-label*="against cost"]').first().waitFor({ timeout: 120_000 });
  const drawn = since();
  await page.getByRole("combobox", { name: "Against" }).selectOption("trials");
  await page.locator('.figure-place svg[aria-label*="against completed trials"]').waitFor();
  const usable = since();
  await page.goto(`${study}?tab=trials`);
  await page.locator("tbody tr").first().waitFor();
  const sorting = performance.now();
  await page.getByRole("button", { name: "learning_rate" }).click();
  await page.locator('th[aria-sort="ascending"]').waitFor();
  const sorted = (performance.now() - sorting) / 1000;
  await context.close();
  return { drawn, usable, sorted, script };
}

/** How long the figures of a model take that is not there yet, and how long the study's page waits for answers meanwhile. */
async function fitModel(browser: Browser, study: string, api: string): Promise<{ model: number; slowest: number }> {
  const page = await browser.newPage();
  const begin = performance.now();
  await page.goto(study);
  let slowest = 0;
  let fitting = true;
  const asking = (async () => {
    while (fitting) {
      const asked = performance.now();
      await (await fetch(api)).arrayBuffer();
      slowest = Math.max(slowest, (performance.now() - asked) / 1000);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  await page.getByText("What super_batch is worth").waitFor({ timeout: 600_000 });
  const model = (performance.now() - begin) / 1000;
  fitting = false;
  await asking;
  await page.close();
  return { model, slowest };
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
