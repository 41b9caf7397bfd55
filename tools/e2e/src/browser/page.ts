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

/** Waits until nothing is loading any more. The page's policy forbids evaluated conditions, so it is asked again and again. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  const loading = page.getByText("Loading …");
  for (const end = Date.now() + 120_000; (await loading.count()) > 0; ) {
    if (Date.now() > end) throw new Error(`${page.url()} still loads`);
    await page.waitForTimeout(100);
  }
}
