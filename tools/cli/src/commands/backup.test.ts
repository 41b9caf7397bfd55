import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { exportStudy, openStore } from "@superbatch/store";
import { startPostgres } from "@superbatch/store/testing/postgres";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
const study = "projects/default/studies/kept";

const server = await startPostgres();
afterAll(() => server?.stop());

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "superbatch-cli-"));
  return () => rmSync(folder, { recursive: true });
});

async function superbatch(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const done = promisify(execFile)(process.execPath, [main, ...args]);
  return done.then(
    (output) => ({ code: 0, ...output }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

async function fill(url: string): Promise<void> {
  const store = await openStore(url);
  await store.transaction(async (tx) => {
    await tx.insertStudy({ name: study, project: "default", spec: {} });
    await tx.insertTrials(study, [{ point: { rate: 0.1 }, spaceVersion: 1, explanation: {} }]);
  });
  await store.close();
}

async function contentsOf(url: string): Promise<string> {
  const store = await openStore(url);
  const text = (await exportStudy(store, study))!.join("");
  await store.close();
  return text;
}

let databases = 0;
const engines = [
  ["sqlite", async () => `sqlite:${join(folder, `${++databases}.sqlite`)}`] as const,
  ...(server ? [["postgres", () => server.createDatabase()] as const] : []),
];

describe("superbatch backup and restore", () => {
  for (const [from, source] of engines)
    for (const [to, target] of engines)
      it(`bring what ${from} holds to ${to}`, async () => {
        const [one, two] = [await source(), await target()];
        await fill(one);
        const file = join(folder, "backup");
        expect(await superbatch("backup", file, "--store", one)).toMatchObject({ code: 0 });
        expect(await superbatch("restore", file, "--store", two)).toMatchObject({ code: 0 });
        expect(await contentsOf(two)).toBe(await contentsOf(one));
      });

  it("say what is wrong: no store, a file that is there, a store that is missing or not empty", async () => {
    const one = await engines[0]![1]();
    await fill(one);
    const file = join(folder, "backup");
    expect(await superbatch("backup", file)).toMatchObject({ code: 2, stderr: expect.stringContaining("--store") });
    await superbatch("backup", file, "--store", one);
    const again = await superbatch("backup", file, "--store", one);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("--force") });
    const missing = await superbatch("backup", `${file}2`, "--store", `sqlite:${join(folder, "none.sqlite")}`);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no file") });
    const full = await superbatch("restore", file, "--store", one);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining("not empty") });
  });
});
