import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { optimizer } from "@superbatch/contracts";
import { createRng } from "@superbatch/random";
import { createClient } from "@superbatch/rpc";
import { checkBudgets } from "./check/budget.ts";
import { callsOf } from "./check/calls.ts";
import { checkCounters } from "./check/counters.ts";
import { checkLeases } from "./check/leases.ts";
import { checkResults } from "./check/results.ts";
import { readTables } from "./check/tables.ts";
import { injectFaults } from "./faults.ts";
import { figuresOf } from "./figures.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { readJournals } from "./journal.ts";
import { readOptions, type SoakOptions } from "./options.ts";
import { reportOf } from "./report.ts";
import { project, soakStudies, specOf } from "./studies.ts";
import { startSystem } from "./system.ts";

/**
 * `npm run soak`:
 * 1. starts the database, the optimizers, the surrogate, and a proxy before each; creates the studies;
 * 2. lets trainers work in processes of their own while faults happen, until all studies are completed;
 * 3. stops everything, and compares the trainers' journals with the database.
 */
const options = readOptions(process.argv.slice(2));
const folder = options.folder ? resolve(options.folder) : mkdtempSync(join(tmpdir(), "superbatch-soak-"));
mkdirSync(folder, { recursive: true });
const started = performance.now();
const log = (line: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}`);

const breaches = await soak(options);
if (breaches > 0) log(`logs and journals are kept in ${folder}`);
else if (options.folder === undefined) rmSync(folder, { recursive: true });
process.exitCode = breaches > 0 ? 1 : 0;

async function soak({ engine, seed, trainers, trials, faultSeconds, limitMinutes }: SoakOptions): Promise<number> {
  const rng = createRng(seed);
  const system = await startSystem(options, folder);
  let fleet: Fleet | undefined;
  try {
    await createStudies(system.address);
    log(`${trials} trials, ${trainers} trainers, ${system.replicas.length} optimizers over ${engine}`);
    fleet = startFleet(options, system.address, folder);
    const over = new AbortController();
    const faults = faultSeconds > 0 ? injectFaults(system, fleet, rng, faultSeconds, over.signal, log) : [];
    const inTime = await Promise.race([
      fleet.finished.then(() => true),
      sleep(60_000 * limitMinutes, false, { signal: over.signal }).catch(() => false),
    ]);
    fleet.stop();
    over.abort();
    const injected = await faults;
    await settled(system.address);
    await system.stopServices();
    const calls = callsOf(readJournals(folder));
    const tables = await readTables(system.storeUrl);
    const found = [
      ...(inTime ? [] : [`not finished within ${limitMinutes} minutes`]),
      ...checkResults(calls, tables),
      ...checkLeases(calls, tables, Date.now()),
      ...checkBudgets(tables),
      ...checkCounters(tables),
    ];
    if (found.length > 0) writeFileSync(join(folder, "tables.json"), JSON.stringify(tables, undefined, 1));
    console.log(reportOf(figuresOf(calls, injected), found));
    return found.length;
  } finally {
    fleet?.stop();
    await system.stop();
  }
}

async function createStudies(address: string): Promise<void> {
  const { client, close } = createClient(optimizer.OptimizerServiceDefinition, address);
  for (const study of soakStudies(options)) {
    const spec = specOf(study, options.seed);
    await client.createStudy({ parent: project, studyId: study.id, study: { spec }, requestId: study.id });
  }
  close();
}

/** Waits, at most half a minute, until no trial is held: what killed trainers held ends by itself. */
async function settled(address: string): Promise<void> {
  const { client, close } = createClient(optimizer.OptimizerServiceDefinition, address);
  for (let tries = 0; tries < 60; tries++) {
    const { studies } = await client.listStudies({ parent: project });
    if (studies.every(({ progress }) => progress!.running === 0)) break;
    await sleep(500);
  }
  close();
}
