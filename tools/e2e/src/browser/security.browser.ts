import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OptimizerProcesses, startOptimizer } from "../services.ts";
import { temporaryFolder } from "../temporary.ts";
import { launchChromium } from "./chromium.ts";
import { startDashboard } from "./dashboard.ts";
import { openPage, settled } from "./page.ts";
import { createStudy, exampleSpec, playStudy } from "./play-study.ts";

/** Names and values that try to be more than text. */
const hostile = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>{{7*7}}\${7*7}'`;

const folder = temporaryFolder();
let services: OptimizerProcesses;
let dashboard: Awaited<ReturnType<typeof startDashboard>>;
let browser: Browser;

beforeAll(async () => {
  services = await startOptimizer(folder.path);
  [dashboard, browser] = await Promise.all([startDashboard(folder.path, services.address), launchChromium()]);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await dashboard?.process.stop(10);
  await services?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const principals = (token: string) => JSON.stringify({ principals: [{ id: "alice", token, roles: { "*": "owner" } }] });

const post = (path: string, init: RequestInit = {}) => fetch(dashboard.url + path, { method: "POST", ...init });

describe("hostile names and values", () => {
  it("are shown as text on every page, and run nothing", async () => {
    const spec = exampleSpec(8) as { space: { parameters: unknown[] } };
    spec.space.parameters.push({ name: "choice", categorical: { categories: [hostile, "plain"] } });
    const name = await createStudy(services.client, "hostile", {
      ...spec,
      algorithm: { random: {} },
      objective: { metric: "validation_error", goal: "GOAL_MINIMIZE" },
      labels: { owner: hostile },
    });
    await playStudy(services.client, name, { trials: 6, failed: 2 });
    const { leases } = await services.client.leaseTrials({ study: name, worker: hostile, count: 1, waitSeconds: 20 });
    await services.client.failTrial({
      trial: leases[0]!.trial!.name,
      leaseId: leases[0]!.leaseId,
      kind: "FAILURE_KIND_INFEASIBLE",
      reason: `${hostile}\n${hostile}`,
    });
    await services.client.updateTrial({ name: `${name}/trials/1`, labels: { note: hostile } });
    const context = await browser.newContext();
    const study = "/studies/default/hostile";
    const tabs = ["overview", "parameters", "learning", "fleet", "model", "trials"].map((tab) => `${study}?tab=${tab}`);
    const failed = leases[0]!.trial!.number;
    const paths = ["/", ...tabs, `${study}/trials/1`, `${study}/trials/${failed}`, "/compare?studies=default/hostile"];
    for (const path of [
      ...paths,
      `/?search=${encodeURIComponent(hostile)}`,
      `/?project=${encodeURIComponent(hostile)}`,
    ]) {
      const { page, errors } = await openPage(context, dashboard.url + path);
      await settled(page);
      expect(await page.evaluate("window.pwned"), path).toBeUndefined();
      expect(await page.locator('img[src="x"]').count(), path).toBe(0);
      expect(
        errors.filter((error) => error.includes("Content Security Policy")),
        path,
      ).toEqual([]);
      await page.close();
    }
    const { page } = await openPage(context, `${dashboard.url}${study}/trials/${failed}`);
    await settled(page);
    expect(await page.evaluate("document.body.textContent")).toContain("<script>window.pwned=1</script>");
    await context.close();
  });

  it.each(["..%2f..%2fetc%2fpasswd", "%00", "a%0d%0aset-cookie:%20x=1", "__proto__", "constructor"])(
    "%s in an address is refused or not found, as JSON",
    async (part) => {
      for (const path of [`/api/studies/default/${part}`, `/api/studies/default/x/figures/${part}`]) {
        const response = await fetch(dashboard.url + path);
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        expect(response.headers.get("set-cookie")).toBeNull();
      }
    },
  );
});

describe("headers", () => {
  it("allow scripts, styles and calls from here alone, and no frames", async () => {
    for (const path of ["/", "/api/session", "/no/such/page", "/api/none"]) {
      const { headers } = await fetch(dashboard.url + path);
      const policy = headers.get("content-security-policy") ?? "";
      for (const directive of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
      ])
        expect(policy.split(";")).toContain(directive);
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("same-origin");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("say that scripts come compressed", async () => {
    const html = await (await fetch(dashboard.url)).text();
    const script = /src="([^"]+\.js)"/.exec(html)![1]!;
    const { headers } = await fetch(dashboard.url + script, { headers: { "accept-encoding": "gzip" } });
    expect(headers.get("content-encoding")).toBe("gzip");
    expect(headers.get("cache-control")).toContain("immutable");
  });

  it("let nothing of other places load: the page asks its own origin alone", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`${dashboard.url}/`);
    await settled(page);
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((url) => !url.startsWith(dashboard.url))).toEqual([]);
    await context.close();
  });
});

describe("calls from other sites", () => {
  const json = { "content-type": "application/json" };

  it("are refused: without the page's header, or with a foreign Sec-Fetch-Site", async () => {
    const route = "/api/superbatch.optimizer.v1.OptimizerService/ListStudies";
    const body = JSON.stringify({ parent: "projects/default" });
    expect((await post(route, { headers: json, body })).status).toBe(403);
    expect((await post("/api/studies", { headers: json, body: "{}" })).status).toBe(403);
    const cross = { ...json, "x-superbatch": "1", "sec-fetch-site": "cross-site" };
    expect((await post(route, { headers: cross, body })).status).toBe(403);
    expect((await post(route, { headers: { ...json, "x-superbatch": "1" }, body })).status).toBe(200);
  });

  it("are refused in a browser: a form of another origin changes nothing", async () => {
    await createStudy(services.client, "untouched", exampleSpec(5));
    const context = await browser.newContext();
    const page = await context.newPage();
    // Another origin: the same machine by another name.
    const other = dashboard.url.replace("127.0.0.1", "localhost");
    await page.goto(`${other}/healthz`).catch(() => page.goto("about:blank"));
    const status = await page.evaluate(
      `fetch("${dashboard.url}/api/studies/default/untouched/stop", { method: "POST", credentials: "include", headers: { "x-superbatch": "1" } }).then((r) => r.status, () => "blocked")`,
    );
    expect(status).toBe("blocked");
    const { study } = await services.client.getStudy({ name: "projects/default/studies/untouched" });
    expect(study!.state).toBe("STUDY_STATE_ACTIVE");
    await context.close();
  });
});

describe("login by token", () => {
  it("wants one, keeps it where scripts cannot read it, says when it has expired, and forgets it", {
    timeout: 300_000,
  }, async () => {
    const guardedFolder = join(folder.path, "guarded");
    mkdirSync(guardedFolder);
    const rules = join(folder.path, "principals.json");
    writeFileSync(rules, principals("first-token-of-alice-0123"));
    const guarded = await startOptimizer(guardedFolder, ["--principals-file", rules]);
    const shown = await startDashboard(folder.path, guarded.address);
    const context = await browser.newContext();
    try {
      const { page } = await openPage(context, shown.url);
      await page.getByLabel("Bearer token").fill("wrong");
      await page.getByRole("button", { name: "Log in" }).click();
      const refused = page.getByText("The token was refused or has expired.");
      await refused.waitFor();
      await page.getByLabel("Bearer token").fill("first-token-of-alice-0123");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("heading", { name: "Studies" }).waitFor();
      const cookie = (await context.cookies()).find(({ name }) => name === "superbatch-session")!;
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
      expect(decodeURIComponent(cookie.value)).not.toContain("alice");
      expect(await page.evaluate("document.cookie + JSON.stringify(localStorage)")).not.toContain("alice");

      writeFileSync(rules, principals("second-token-of-alice-0123"));
      await page.getByRole("heading", { name: "Log in" }).waitFor({ timeout: 60_000 });
      await refused.waitFor();
      await page.getByLabel("Bearer token").fill("second-token-of-alice-0123");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("heading", { name: "Studies" }).waitFor();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { name: "Log in" }).waitFor();
    } finally {
      await context.close();
      await shown.process.stop(10);
      await guarded[Symbol.asyncDispose]();
    }
  });
});
