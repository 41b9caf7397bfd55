import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Runner, type Settings } from "./runner.ts";
import type { Scenario } from "./step.ts";

/** Runs the client contract (clients/scenarios) by the TypeScript client, against the services that the environment names. */
const setting = (name: string): string => {
  const value = process.env[`SUPERBATCH_${name}`];
  if (value === undefined) throw new Error(`SUPERBATCH_${name} is not set; tools/e2e/client-contract.sh sets it`);
  return value;
};

const settings: Settings = {
  address: setting("ADDRESS"),
  token: setting("TOKEN"),
  ca: setting("CA"),
  otherCa: setting("OTHER_CA"),
  run: setting("RUN"),
};
const text = readFileSync(setting("SCENARIOS"), "utf8");
const { scenarios } = parse(text, { merge: true }) as { readonly scenarios: readonly Scenario[] };

async function run(): Promise<number> {
  let steps = 0;
  for (const scenario of scenarios) {
    using runner = new Runner(settings);
    for (const [index, step] of scenario.steps.entries()) {
      try {
        await runner.take(step);
      } catch (error) {
        console.log(`typescript: ${scenario.name}, step ${index + 1}: ${(error as Error).message}`);
        return 1;
      }
      steps++;
    }
  }
  console.log(`typescript: ${scenarios.length} scenarios passed, ${steps} steps`);
  return 0;
}

// A trial that a failed scenario left behind keeps its lease, and with it the process.
process.exit(await run());
