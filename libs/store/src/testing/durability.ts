import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { StoreFixture } from "./contract.ts";
import { fixtures } from "./fixtures.ts";

/** Kills of a writing process. */
const rounds = 5;

/** Whatever was acknowledged is there after the writer was killed, and nothing is half there. */
export function describeDurability(fixture: StoreFixture): void {
  const one = "projects/default/studies/one";

  describe("durability", () => {
    it("survives kill -9 of the writing process", async () => {
      await fixture.store.transaction((tx) => tx.insertStudy(fixtures.study()));
      let acknowledged = 0;
      for (let round = 1; round <= rounds; round++) {
        await fixture.store.close();
        const writer = startWriter(fixture.harness.url, one);
        acknowledged = await killAfter(writer, acknowledged + 7 * round);
        fixture.store = await fixture.harness.open();

        const trials = await fixture.store.listTrials(one);
        expect(trials.length).toBeGreaterThanOrEqual(acknowledged);
        expect(trials.map((trial) => trial.number)).toEqual(trials.map((_, i) => i + 1));
        const study = await fixture.store.getStudy(one);
        const events = await fixture.store.listEvents(one);
        expect(study).toMatchObject({ trialCount: trials.length, lastEvent: trials.length });
        expect(study!.cost.total).toBe(trials.length);
        expect(events.map((event) => event.trial)).toEqual(trials.map((trial) => trial.number));
      }
    });
  });
}

function startWriter(url: string, study: string): ChildProcess {
  const program = fileURLToPath(new URL("./writer.ts", import.meta.url));
  return spawn(process.execPath, [program, url, study], { stdio: ["ignore", "pipe", "inherit"] });
}

/** Kills the writer once it has acknowledged trial `number`. Resolves with the last number that it acknowledged. */
async function killAfter(writer: ChildProcess, number: number): Promise<number> {
  let last = 0;
  for await (const line of createInterface({ input: writer.stdout! })) {
    last = Number(line);
    if (last >= number && !writer.killed) writer.kill("SIGKILL");
  }
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, "exit");
  expect(writer.signalCode).toBe("SIGKILL");
  return last;
}
