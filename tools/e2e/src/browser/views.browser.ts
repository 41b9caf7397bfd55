import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type OptimizerProcesses, startOptimizer } from "../services.ts";
import { temporaryFolder } from "../temporary.ts";
import { seriousFindings } from "./accessibility.ts";
import { launchChromium } from "./chromium.ts";
import { startDashboard } from "./dashboard.ts";
import { openPage, settled } from "./page.ts";
import { beginTrial, createStudy, exampleSpec, metric, playStudy } from "./play-study.ts";

/** The dashboard as people use it: real services, a finished study and a running one, a real browser. */
const folder = temporaryFolder();
let services: OptimizerProcesses;
let dashboard: Awaited<ReturnType<typeof startDashboard>>;
let browser: Browser;
let context: BrowserContext;
let finished = "";
let running = "";

beforeAll(async () => {
  services = await startOptimizer(folder.path);
  [dashboard, browser] = await Promise.all([startDashboard(folder.path, services.address), launchChromium()]);
  context = await browser.newContext({ acceptDownloads: true, viewport: { width: 1280, height: 900 } });
  const { client } = services;
  finished = await createStudy(client, "finished", exampleSpec(14));
  await playStudy(client, finished, { trials: 14, lost: 3, failed: 5 });
  running = await createStudy(client, "running", { ...(exampleSpec(100) as object), lease: { leaseSeconds: 3600 } });
  await playStudy(client, running, { trials: 5 });
  await beginTrial(client, running);
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await dashboard?.process.stop(10);
  await services?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

// Each page of a study holds a connection, of which a browser has six.
afterEach(async () => {
  for (const page of context.pages()) await page.close();
});

const open = (path: string, options = {}) => openPage(context, dashboard.url + path, options);
const study = "/studies/default/finished";
const views: readonly [name: string, path: string, shows: readonly string[]][] = [
  ["studies", "/", ["default/finished", "default/running", "completed", "active", "Infeasible"]],
  ["overview", study, ["Value and the best so far", "Chosen super_batch", "What super_batch is worth"]],
  [
    "parameters",
    `${study}?tab=parameters`,
    ["Importance", "Model over two parameters", "Parallel coordinates", "momentum"],
  ],
  [
    "learning",
    `${study}?tab=learning`,
    ["Learning curves", "Variance reduction τ", "Where importance sampling came on"],
  ],
  ["fleet", `${study}?tab=fleet`, ["Who trained what, when", "Cost by phase", "gradient"]],
  ["model", `${study}?tab=model`, ["How well the model predicts", "95% interval", "What stands out"]],
  ["trials", `${study}?tab=trials`, ["infeasible", "trainer-1", "learning_rate"]],
  ["trial", `${study}/trials/14`, ["Why this point", "Learning curve", "Attempts", "Labels"]],
  ["create", "/create", ["Create a study", "Project"]],
  ["compare", "/compare?studies=default/finished,default/running", ["Distribution of values", "default/running"]],
];

describe("each view", () => {
  it.each(views)(
    "%s shows what it is about, without an error, and axe-core finds nothing serious",
    async (_, path, shows) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, errors } = await open(path, { colorScheme });
        await settled(page);
        const text = await page.evaluate<string>("document.body.textContent");
        for (const part of shows) expect(text).toContain(part);
        expect(await page.locator('[role="alert"]').allTextContents()).toEqual([]);
        expect(errors).toEqual([]);
        expect(await seriousFindings(page)).toEqual([]);
        await page.close();
      }
    },
  );

  it.each(views)("%s fits a narrow screen", async (_, path) => {
    const { page } = await open(path, { width: 360 });
    await settled(page);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    await page.close();
  });

  it("draws with the data that the services have: 14 results, one lease lost, cost by phase", async () => {
    const get = async (figure: string) =>
      (await (await fetch(`${dashboard.url}/api/studies/default/finished/figures/${figure}`)).json()) as never;
    const { history } = (await get("overview")) as { history: { completed: number; points: { cost: number }[] } };
    expect(history.completed).toBe(14);
    expect(history.points.at(-1)!.cost).toBeGreaterThan(history.points[0]!.cost);
    const timeline = (await get("timeline")) as { losses: { number: number }[] };
    expect(timeline.losses.map(({ number }) => number)).toEqual([3]);
    const [tradeOff] = (await get("tradeoff")) as { fidelity: string; points: { cost: number; fidelity: number }[] }[];
    expect(tradeOff!.fidelity).toBe("super_batch");
    expect(tradeOff!.points.at(-1)!.cost).toBeGreaterThan(tradeOff!.points[0]!.cost);
  });

  it("is held by the address: what was chosen is there again in another window", async () => {
    const first = await open(`${study}?tab=trials`);
    await settled(first.page);
    await first.page.getByRole("button", { name: metric }).click();
    await first.page.waitForURL(/sort=value/);
    const other = await open(first.page.url().slice(dashboard.url.length));
    await settled(other.page);
    const header = (page: Page) => page.locator(`th[aria-sort="ascending"]`).textContent();
    expect(await header(other.page)).toContain(metric);
    await first.page.goBack();
    await Promise.all([first.page.close(), other.page.close()]);
  });

  it("is reached by the keyboard alone", async () => {
    const { page } = await open("/");
    await settled(page);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent.trim()")).toBe("Skip to the content");
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.textContent")) === "default/finished") break;
    }
    await page.keyboard.press("Enter");
    await page.waitForURL(/studies\/default\/finished/);
    await page.close();
  });
});

describe("each action", () => {
  it("creates a study, and says which field is wrong", async () => {
    const { page } = await open("/create");
    await page.getByLabel("Id (left out: one is made)").fill("made-here");
    const text = page.getByLabel("Study, as YAML or JSON");
    const good = await text.inputValue();
    await text.fill(good.replace("min: 0.001, max: 1", "min: 1, max: 0.001"));
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("parameters[0].float").first().waitFor();
    await text.fill(good);
    await page.getByRole("button", { name: "Create" }).click();
    await page.waitForURL(/studies\/default\/made-here/);
    await page.close();
  });

  it("pauses, resumes and stops", async () => {
    const name = await createStudy(services.client, "steered", exampleSpec(10));
    const state = async () => (await services.client.getStudy({ name })).study!.state;
    const { page } = await open("/studies/default/steered");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect(await state()).toBe("STUDY_STATE_PAUSED");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    expect(await state()).toBe("STUDY_STATE_ACTIVE");
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("completed", { exact: true }).waitFor();
    expect(await state()).toBe("STUDY_STATE_COMPLETED");
    await page.close();
  });

  it("enqueues a point, which is the next trial", async () => {
    const name = await createStudy(services.client, "enqueued", exampleSpec(10));
    const { page } = await open("/studies/default/enqueued");
    await page.getByRole("button", { name: "Enqueue a point" }).click();
    await page.locator("#enqueue-learning_rate").fill("0.0123");
    await page.locator("#enqueue-momentum").fill("0.5");
    await page.locator("#enqueue-layers").fill("2");
    await page.locator("#enqueue-activation").selectOption("tanh");
    await page.locator("#enqueue-super_batch").fill("256");
    await page.getByRole("button", { name: "Enqueue", exact: true }).click();
    await page.locator("dialog").waitFor({ state: "hidden" });
    const { leases } = await services.client.leaseTrials({ study: name, worker: "w", count: 1, waitSeconds: 20 });
    expect(leases[0]!.trial!.parameters.learning_rate).toMatchObject({ kind: { value: 0.0123 } });
    await page.close();
  });

  it("marks a trial and takes the mark away", async () => {
    const { page } = await open(`${study}/trials/1`);
    await settled(page);
    await page.getByLabel("Value").fill("look at this");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await page.getByText("mark: look at this").waitFor();
    const trial = async () => (await services.client.getTrial({ name: `${finished}/trials/1` })).trial!;
    expect((await trial()).labels).toEqual({ mark: "look at this" });
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByText("mark: look at this").waitFor({ state: "detached" });
    expect((await trial()).labels).toEqual({});
    await page.close();
  });

  it("abandons a running trial", async () => {
    const { trial } = await beginTrial(
      services.client,
      await createStudy(services.client, "abandoned", exampleSpec(9)),
    );
    const { page } = await open("/studies/default/abandoned/trials/1");
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Abandon" }).click();
    await page.getByText("abandoned in the dashboard").first().waitFor();
    expect((await services.client.getTrial({ name: trial })).trial!.state).toBe("TRIAL_STATE_ABANDONED");
    await page.close();
  });
});

describe("each export", () => {
  const saved = async (page: Page, button: string) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole(button.startsWith("Export") ? "link" : "button", { name: button, exact: true }).click(),
    ]);
    const path = join(folder.path, "downloads", download.suggestedFilename());
    mkdirSync(join(folder.path, "downloads"), { recursive: true });
    await download.saveAs(path);
    return { name: download.suggestedFilename(), bytes: readFileSync(path) };
  };

  it("gives CSV and JSON of the study, SVG, PNG and JSON of a figure", async () => {
    const { page } = await open(study);
    await settled(page);
    const csv = await saved(page, "Export CSV");
    expect(csv.name).toBe("finished.csv");
    // A reason has lines of its own, within quotes.
    const rows = csv.bytes
      .toString()
      .replaceAll(/"[^"]*"/g, "")
      .trim()
      .split(/\r?\n/);
    expect(rows.length).toBe(1 + 15);
    const json = await saved(page, "Export JSON");
    expect(json.bytes.toString()).toContain("projects/default/studies/finished");
    const svg = (await saved(page, "Save history as SVG")).bytes.toString();
    expect(svg).toMatch(/^<svg /);
    expect(svg).toContain(metric);
    expect(svg).not.toContain("currentColor");
    const png = await saved(page, "Save history as PNG");
    expect(png.bytes.subarray(1, 4).toString()).toBe("PNG");
    expect(png.bytes.length).toBeGreaterThan(5_000);
    // The legends come along: the scale of colors, and what each color means.
    const chosen = (await saved(page, "Save chosen-super_batch as SVG")).bytes.toString();
    expect(chosen).toContain(`>${metric}<`);
    expect(chosen).toContain("data:image/png");
    const data = JSON.parse((await saved(page, "Save the data of history as JSON")).bytes.toString());
    expect(data).toMatchObject({ metric, completed: 14 });
    await page.goto(`${dashboard.url}${study}?tab=fleet`);
    await settled(page);
    const timeline = (await saved(page, "Save timeline as SVG")).bytes.toString();
    for (const state of ["completed", "lost", "infeasible"]) expect(timeline).toContain(`>${state}</text>`);
    await page.close();
  });
});

describe("live", () => {
  it("shows a trial that completes while one looks", async () => {
    const { page } = await open("/studies/default/running");
    await settled(page);
    const completed = page.locator(".facts dd").first();
    const before = Number((await completed.textContent())!.split(" ")[0]);
    await playStudy(services.client, running, { trials: 1 });
    await expect.poll(() => completed.textContent(), { timeout: 30_000 }).toContain(`${before + 1} of`);
    await page.close();
  });

  // Last, since it takes the optimizer away.
  it("says that the optimizer is down, keeps what it shows, and goes on by itself when it is back", async () => {
    const { page } = await open("/studies/default/running");
    await settled(page);
    const completed = page.locator(".facts dd").first();
    const before = Number((await completed.textContent())!.split(" ")[0]);
    const list = await open("/");
    await settled(list.page);

    await services.optimizer.stop(10);
    const late = await open("/studies/default/finished");
    await late.page.locator('[role="alert"]').first().waitFor();
    await page.getByText("not connected").waitFor();
    expect(await page.getByRole("heading", { name: "default/running" }).isVisible()).toBe(true);
    expect(await page.locator(".figure-place svg").first().isVisible()).toBe(true);
    await list.page.locator('[role="alert"]').first().waitFor();
    expect(await list.page.getByRole("link", { name: "default/finished" }).isVisible()).toBe(true);

    await services.restart();
    await page.getByText("not connected").waitFor({ state: "detached" });
    await late.page.getByRole("heading", { name: "default/finished" }).waitFor();
    await settled(late.page);
    for (const shown of [page, late.page, list.page])
      await expect.poll(() => shown.locator('[role="alert"]').count(), { timeout: 30_000 }).toBe(0);
    // And it follows the study again. A client tries an address that was away again after at most six seconds.
    const answers = () =>
      services.client.getStudy({ name: running }).then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 30_000 }).toBe(true);
    await playStudy(services.client, running, { trials: 1 });
    await expect.poll(() => completed.textContent(), { timeout: 30_000 }).toContain(`${before + 1} of`);
    await Promise.all([page, late.page, list.page].map((shown) => shown.close()));
  });
});
