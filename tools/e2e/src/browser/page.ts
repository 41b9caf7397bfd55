import type { BrowserContext, Page } from "playwright-core";

/** A page with the errors that its scripts raise and its console shows, policy breaches among them. */
export async function openPage(
  context: BrowserContext,
  url: string,
  { width = 1280, colorScheme = "light" as "light" | "dark" } = {},
): Promise<{ readonly page: Page; readonly errors: string[] }> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  await page.goto(url);
  return { page, errors };
}

/** Waits until nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await page.waitForFunction("!document.body.textContent.includes('Loading …')", undefined, { timeout: 120_000 });
}
