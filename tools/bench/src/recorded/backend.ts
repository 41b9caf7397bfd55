import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type BackendName, describeBackends } from "@superbatch/training";

/**
 * Makes sure that a backend can run here: those that are too large to come with the repository are installed when they are first asked for.
 *
 * @throws {Error} naming reason and remedy
 */
export async function prepareBackend(backend: BackendName, log: (line: string) => void): Promise<void> {
  if ((await reasonAgainst(backend)) === undefined) return;
  if (backend !== "wasm") {
    log(`installing the backend ${backend}`);
    const script = new URL(`../../../../libs/training/src/backend/${backend}/install.ts`, import.meta.url);
    execFileSync(process.execPath, [fileURLToPath(script)], { stdio: "inherit" });
  }
  const reason = await reasonAgainst(backend);
  if (reason !== undefined) throw new Error(`the backend ${backend} cannot run here: ${reason}`);
}

async function reasonAgainst(backend: BackendName): Promise<string | undefined> {
  const description = (await describeBackends()).find(({ name }) => name === backend)!;
  return description.available ? undefined : `${description.reason}; ${description.remedy}`;
}
