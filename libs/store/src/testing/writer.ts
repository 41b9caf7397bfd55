/** A process to be killed: adds trials to a study, and prints a trial's number once its transaction has resolved. */
import { writeSync } from "node:fs";
import { openStore } from "../open.ts";
import { fixtures } from "./fixtures.ts";

const [url, name] = process.argv.slice(2) as [string, string];
const store = await openStore(url);
for (;;) {
  const number = await store.transaction(async (tx) => {
    const study = await tx.lockStudy(name);
    const [trial] = await tx.insertTrials(name, [fixtures.trial()]);
    await tx.updateStudy(name, { cost: fixtures.cost(study!.cost.total + 1) });
    await tx.appendEvents(name, [{ kind: "trial-suggested", trial: trial!.number, message: "" }]);
    return trial!.number;
  });
  writeSync(1, `${number}\n`);
}
