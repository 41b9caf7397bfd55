/**
 * Takes the pictures of the dashboard that the guides show, over real services: `node tools/e2e/src/browser/pictures.ts [FOLDER]`, docs/images if no
 * folder is named. Whoever runs it looks at each.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startOptimizer } from "../services.ts";
import { temporaryFolder } from "../temporary.ts";
import { launchChromium } from "./chromium.ts";
import { startDashboard } from "./dashboard.ts";
import { openPage, settled } from "./page.ts";
import { beginTrial, createStudy, exampleSpec, playStudy } from "./play-study.ts";

const images = process.argv[2] ?? fileURLToPath(new URL("../../../../docs/images", import.meta.url));
mkdirSync(images, { recursive: true });

const token = "first-token-of-alice-0123";
using folder = temporaryFolder();
await using services = await startOptimizer(folder.path);
const dashboard = await startDashboard(folder.path, services.address);
const browser = await launchChromium();
const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC" });

const finished = await createStudy(services.client, "finished", exampleSpec(30));
await playStudy(services.client, finished, { trials: 30, lost: 6, failed: 9, pause: 600 });
const running = await createStudy(services.client, "running", {
  ...(exampleSpec(100) as object),
  lease: { leaseSeconds: 3600 },
});
await playStudy(services.client, running, { trials: 12 });
await beginTrial(services.client, running);

const { trials } = await services.client.listTrials({ study: finished });
// One that the model chose among others.
const chosen = trials.findLast(({ explanation }) => explanation && explanation.alternatives.length > 0)!;

const study = "/studies/default/finished";
const compare = "/compare?studies=default/finished,default/running";
type Options = NonNullable<Parameters<typeof openPage>[2]>;
const pictures: readonly [name: string, path: string, options?: Options & { height?: number }][] = [
  ["studies", "/", { height: 320 }],
  ["overview", study],
  ["parameters", `${study}?tab=parameters`],
  ["learning", `${study}?tab=learning`],
  ["fleet", `${study}?tab=fleet`],
  ["model", `${study}?tab=model`],
  ["trials", `${study}?tab=trials`],
  ["trial", `${study}/trials/${chosen.number}`],
  ["create", "/create"],
  ["compare", compare, { colorScheme: "dark" }],
];

for (const [name, path, { height, ...options } = {}] of pictures) {
  const { page, errors } = await openPage(context, dashboard.url + path, options);
  await settled(page);
  // Figures take the width that they find.
  await page.waitForTimeout(500);
  const part = height === undefined ? { fullPage: true } : { clip: { x: 0, y: 0, width: 1280, height } };
  await page.screenshot({ path: join(images, `dashboard-${name}.png`), ...part });
  if (errors.length > 0) throw new Error(`${name}: ${errors.join("; ")}`);
  await page.close();
}
await dashboard.process.stop(10);

// One that wants a token.
const secured = join(folder.path, "secured");
mkdirSync(secured);
const principals = join(secured, "principals.json");
writeFileSync(principals, JSON.stringify({ principals: [{ id: "alice", token, roles: { "*": "owner" } }] }));
await using guarded = await startOptimizer(secured, ["--principals-file", principals]);
const door = await startDashboard(secured, guarded.address);
const { page } = await openPage(context, door.url);
await page.getByLabel("Bearer token").fill("expired");
await page.getByRole("button", { name: "Log in" }).click();
await page.getByRole("alert").waitFor();
await page.screenshot({ path: join(images, "dashboard-login.png"), clip: { x: 0, y: 0, width: 1280, height: 480 } });
await browser.close();
await door.process.stop(10);
