import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { createClient, fieldViolations } from "@superbatch/rpc";
import { networkLayout } from "./network-layout.ts";
import { parseOptions } from "./options.ts";
import { presetFor } from "./preset.ts";
import { reportResults } from "./results.ts";
import { type Stack, startStack, studyPage } from "./stack.ts";
import { describeTraining, openStudy, studyIdOf } from "./study.ts";
import { createView } from "./view.ts";
import { watchStudy } from "./watch.ts";

/** `npm start`: services and trainers up, a study tuned, a recommendation, everything down again. */
const options = parseOptions(process.argv.slice(2));
const preset = presetFor(options.dataset);
const stateDir = resolve(options.stateDir);
mkdirSync(stateDir, { recursive: true });

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The second one does not wait.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  });
}

let stack: Stack | undefined;
try {
  process.exitCode = await tune();
} catch (error) {
  if (interrupted.signal.aborted) {
    console.log("\nStopped. The same command goes on from here.");
    process.exitCode = 130;
  } else {
    console.error(`\n${describeError(error)}`);
    process.exitCode = 1;
  }
} finally {
  await stack?.stop();
}

async function tune(): Promise<number> {
  console.log("Starting optimizer, surrogate-model, importance-sampler, dashboard and trainers ...");
  stack = await startStack({
    stateDir,
    ...(options.port !== undefined && { port: options.port }),
    trainers: options.trainers,
    trainerArgs: [
      ...(options.dataDir === undefined ? [] : ["--data-dir", resolve(options.dataDir)]),
      ...(options.backend === undefined ? [] : ["--backend", options.backend]),
    ],
  });
  interrupted.signal.throwIfAborted();
  const training = await describeTraining(stack.trainerAddresses[0]!, options.dataset);
  const { client, close } = createClient(optimizer.OptimizerServiceDefinition, stack.optimizerAddress);
  try {
    const id = studyIdOf(options, preset);
    const { study, resumed } = await openStudy(client, id, options, preset, training.examples);
    console.log(`Dashboard: ${studyPage(stack.dashboardUrl, study.name)}`);
    console.log(`Optimizer at ${stack.optimizerAddress} (gRPC), logs in ${join(stateDir, "logs")}`);
    console.log(
      `${options.trainers} trainers on ${training.backend}; ${options.dataset}: ${training.examples} training examples`,
    );
    console.log(
      `${resumed ? "Going on with" : "Created"} ${study.name}, ${options.algorithm}, seed ${study.spec!.seed}\n`,
    );
    const tuned = study.spec!.space!.parameters.filter(
      ({ domain, fidelity }) => domain?.$case !== "fixed" && !fidelity,
    );
    const view = createView(networkLayout(tuned.map(({ name }) => name)));
    const rows = await Promise.race([watchStudy(client, study.name, view, interrupted.signal), stack.failed]);
    view.end();
    console.log(
      `\n${await reportResults(client, study.name, rows, join(stateDir, "results", study.name.split("/").at(-1)!))}`,
    );
    return 0;
  } finally {
    close();
  }
}

function describeError(error: unknown): string {
  const violations = fieldViolations(error).map(({ path, message }) => `  ${path}: ${message}`);
  return [error instanceof Error ? error.message : String(error), ...violations].join("\n");
}
