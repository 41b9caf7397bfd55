import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "@superbatch/launcher";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OptimizerProcesses, startOptimizer } from "../services.ts";
import { temporaryFolder } from "../temporary.ts";
import { seriousFindings } from "./accessibility.ts";
import { launchChromium } from "./chromium.ts";
import { startDashboard } from "./dashboard.ts";
import { clientId, clientSecret, type IdentityProvider, startIdentityProvider } from "./identity-provider.ts";
import { openPage, settled } from "./page.ts";

/** Logging in at an OpenID Connect provider, whose tokens the optimizer checks. */
const folder = temporaryFolder();
let provider: IdentityProvider;
let services: OptimizerProcesses;
let dashboard: Awaited<ReturnType<typeof startDashboard>>;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  const file = (name: string, content: string) => {
    writeFileSync(join(folder.path, name), content);
    return join(folder.path, name);
  };
  provider = await startIdentityProvider(`${url}/login/callback`);
  services = await startOptimizer(folder.path, [
    ...["--oidc-issuer", provider.issuer, "--oidc-audience", clientId],
    ...["--oidc-jwks", file("keys.json", provider.keys), "--oidc-clock-tolerance-seconds", "0"],
  ]);
  [dashboard, browser] = await Promise.all([
    startDashboard(folder.path, services.address, [
      ...["--listen", `127.0.0.1:${port}`, "--public-url", url],
      ...["--oidc-issuer", provider.issuer, "--oidc-client-id", clientId],
      ...["--oidc-client-secret-file", file("secret", clientSecret)],
    ]),
    launchChromium(),
  ]);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await dashboard?.process.stop(10);
  await services?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

beforeEach(async () => {
  provider.tokenSeconds = 3600;
  provider.roles = { "*": "owner" };
  context = await browser.newContext();
});
afterEach(() => context.close());

const byOrganization = (page: Page) => page.getByRole("link", { name: "Log in with your organization" });
const studies = (page: Page) => page.getByRole("heading", { name: "Studies" });

/** From the login page to the provider's own. */
async function toProvider(page: Page): Promise<void> {
  await byOrganization(page).click();
  await page.waitForURL(/^http:\/\/localhost:\d+\/interaction\//);
}

/** At the provider: names oneself, agrees, and is sent back. */
async function agree(page: Page, name: string): Promise<void> {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

describe("login at an OpenID Connect provider", () => {
  it("asks for a code with PKCE, brings back a session that scripts cannot read, and ends with logging out", async () => {
    const { page } = await openPage(context, dashboard.url);
    const asked: URL[] = [];
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.pathname === "/auth") asked.push(url);
    });
    await toProvider(page);
    expect(Object.fromEntries(asked[0]!.searchParams)).toMatchObject({
      response_type: "code",
      client_id: clientId,
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{20,}$/),
      redirect_uri: `${dashboard.url}/login/callback`,
    });
    await agree(page, "ada");
    await studies(page).waitFor();
    expect(new URL(page.url()).search).toBe("");
    const cookies = await context.cookies(dashboard.url);
    expect(cookies.map(({ name }) => name)).toEqual(["superbatch-session"]);
    expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Strict" });
    expect(await page.evaluate("document.cookie + JSON.stringify(localStorage)")).not.toContain("eyJ");

    await page.getByRole("button", { name: "Log out" }).click();
    await byOrganization(page).waitFor();
    expect(await context.cookies(dashboard.url)).toEqual([]);
    expect((await context.request.get(`${dashboard.url}/api/studies`)).status()).toBe(401);
  });

  it("says when the session has expired, and lets one in again", async () => {
    provider.tokenSeconds = 5;
    const { page } = await openPage(context, dashboard.url);
    await toProvider(page);
    await agree(page, "ben");
    await studies(page).waitFor();
    // The page asks for news; the optimizer then takes the token no longer.
    await page.getByText("The token was refused or has expired.").waitFor({ timeout: 60_000 });
    provider.tokenSeconds = 3600;
    // The provider remembers who this is, and that they have agreed.
    await byOrganization(page).click();
    await studies(page).waitFor();
    await settled(page);
  });

  it("tells somebody without a role what is missing", async () => {
    provider.roles = {};
    const { page } = await openPage(context, dashboard.url);
    await toProvider(page);
    await agree(page, "eve");
    await page.locator('[role="alert"]').first().waitFor();
    expect(await page.locator('[role="alert"]').first().textContent()).toMatch(/role|permission|may not/i);
  });

  it("says that the login failed if it is broken off at the provider", async () => {
    const { page } = await openPage(context, dashboard.url);
    await toProvider(page);
    await page.getByRole("link", { name: /cancel/i }).click();
    await page.getByText("The login failed.").waitFor();
    await byOrganization(page).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await seriousFindings(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 360, height: 700 });
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });

  it("takes no answer that this browser has not asked for", async () => {
    const { page } = await openPage(context, `${dashboard.url}/login/callback?code=stolen&state=unknown`);
    await page.getByText("The login took too long.").waitFor();
    await toProvider(page);
    await page.goto(`${dashboard.url}/login/callback?code=stolen&state=unknown`);
    await page.getByText("The login failed.").waitFor();
    expect((await context.cookies(dashboard.url)).map(({ name }) => name)).not.toContain("superbatch-session");
  });
});
