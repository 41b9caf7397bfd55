import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readGuide, writeGuide } from "./testing/guide.ts";
import { matches, normalize, type Services, startServices, superbatch } from "./testing/superbatch.ts";

/**
 * Runs every command of docs/guides/cli.md in its order, against real services, and compares what it prints with what the guide says it prints.
 * `UPDATE_GUIDE=1` writes into the guide what was printed: look at the difference.
 */
const path = fileURLToPath(new URL("../../../docs/guides/cli.md", import.meta.url));
const guide = readGuide(readFileSync(path, "utf8"));
const update = process.env.UPDATE_GUIDE === "1";

let services: Services;
let folder: string;
let lease = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "superbatch-cli-"));
  for (const { name, content, mode } of guide.files) writeFileSync(join(folder, name), content, { mode });
  services = await startServices(folder);
}, 300_000);
afterAll(async () => {
  if (update) writeFileSync(path, writeGuide(guide));
  await services?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Commands that belong to another subject are shown in its guide, and have tests of their own. */
const elsewhere: Readonly<Record<string, string>> = {
  backup: "operations.md",
  restore: "operations.md",
  surrogate: "your-own-surrogate.md",
};

function guideOf(command: string): string {
  const file = elsewhere[command];
  return file ? readFileSync(new URL(`../../../docs/guides/${file}`, import.meta.url), "utf8") : "";
}

describe("the guide of the command line", () => {
  it.each(guide.commands.map((step) => [step.command, step] as const))("%s", { timeout: 400_000 }, async (_, step) => {
    const command = step.command.replace("LEASE", lease);
    // Services of its own end when they are told to; everything else ends by itself.
    const until = command.startsWith("superbatch up") ? /Ctrl-C/ : undefined;
    const { output, code } = await superbatch(command, { folder, address: services.address, until });
    lease = /--lease (\S+)/.exec(output)?.[1] ?? lease;
    const lines = normalize(output).concat(code === 0 ? [] : [`[exit ${code}]`]);
    if (update) step.update(lines);
    else
      expect(
        matches(step.expected, lines),
        `printed:\n${lines.join("\n")}\n\nexpected:\n${step.expected.join("\n")}`,
      ).toBe(true);
  });

  it("shows each command at least once", async () => {
    const { output } = await superbatch("superbatch --help", { folder, address: services.address });
    const names = [...output.slice(output.indexOf("Commands:")).matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(12);
    const shown = guide.commands.map(({ command }) => command).join("\n");
    const missing = names.filter((name) => name !== "help" && !shown.includes(`superbatch ${name}`));
    for (const name of missing) expect(guideOf(name), name).toContain(`superbatch ${name}`);
  });
});
