import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { type Client, status } from "@grpc/grpc-js";
import { createRng, type Rng } from "@superbatch/random";
import { type Outcome, rawClient, send } from "./call.ts";
import { contracts, type FuzzedMethod, fuzzedMethods, type ServiceName } from "./contracts.ts";
import { granted, seedRequest } from "./corpus.ts";
import { watchMemory } from "./memory.ts";
import { mutate } from "./mutate.ts";
import { createNames, type Names } from "./names.ts";
import { type FuzzOptions, readOptions } from "./options.ts";
import { createReport } from "./report.ts";
import { type System, startSystem } from "./system.ts";
import { pick } from "./values.ts";

/** Fit models, or train networks: they come less often. */
const costly: ReadonlySet<string> = new Set(["Fit", "GetRecommendation", "QueryPosterior", "LeaseTrials", "Train"]);

/**
 * `npm run fuzz`:
 * 1. starts the four services as processes, and makes studies, trials, models and sessions with good requests;
 * 2. sends requests that are good ones changed in a few places, of every call, and learns names from the answers;
 * 3. checks how every call ended, that the processes live, and that their memory stays what it was.
 */
const options = readOptions(process.argv.slice(2));
const folder = options.folder ? resolve(options.folder) : mkdtempSync(join(tmpdir(), "superbatch-fuzz-"));
mkdirSync(folder, { recursive: true });
const system = await startSystem(folder);
let failed = true;
try {
  failed = options.replay === undefined ? await fuzz(options, system) : await replay(options.replay, system);
} finally {
  await system.stop();
  if (failed) console.log(`logs and failed requests: ${folder}`);
  else if (options.folder === undefined) rmSync(folder, { recursive: true });
}
process.exitCode = failed ? 1 : 0;

async function fuzz({ requests, concurrency, seed, only = "" }: FuzzOptions, { addresses, children }: System) {
  const methods = fuzzedMethods(contracts()).filter(({ path }) => path.includes(only));
  const drawn = methods.flatMap((called) => Array<FuzzedMethod>(costly.has(called.method.name) ? 1 : 12).fill(called));
  const clients = connectAll(addresses);
  const names = createNames();
  const report = createReport(methods);
  const memory = watchMemory(system);
  const died = Object.values(children).map(async ({ name, ended }) => report.died(name, await ended));
  const root = createRng(seed);
  for (let round = 0; round < 3; round++) await prepare(clients, names, root.fork(`prepare/${round}`));

  let begun = 0;
  async function work(): Promise<void> {
    while (begun < requests && report.alive()) {
      const number = begun++;
      const rng = root.fork(number);
      const called = pick(rng, drawn);
      const messages = requestOf(called, names, rng);
      const outcome = await send(clients[called.service], called, messages, names);
      if (report.add(called, outcome)) keepFailure(number, called, messages, outcome);
      await tidy(clients, names, rng);
    }
  }
  const watching = setInterval(() => memory.look(begun / requests), 200);
  const telling = setInterval(() => console.log(`${begun} requests`), 30_000);
  await Promise.all(Array.from({ length: concurrency }, work));
  clearInterval(watching);
  clearInterval(telling);
  for (const client of Object.values(clients)) client.close();
  report.print(memory.result());
  report.stopWatching();
  void died;
  return report.failed(memory.result());
}

/** One message, or several of a stream. */
function requestOf(called: FuzzedMethod, names: Names, rng: Rng): Uint8Array[] {
  const kind = called.method.methodKind;
  const streams = kind === "client_streaming" || kind === "bidi_streaming";
  return Array.from({ length: streams && rng.integer(2) === 0 ? 1 + rng.integer(4) : 1 }, () => {
    const seed = seedRequest(called, names, rng);
    // Some go as they are, so that there is something to break.
    return rng.integer(4) === 0 ? seed : mutate(rng, called.method.input, seed, names);
  });
}

/** A good call of every kind that makes something. */
async function prepare(clients: Record<ServiceName, Client>, names: Names, rng: Rng): Promise<void> {
  const order = [
    "CreateStudy",
    "LeaseTrials",
    "ReportProgress",
    "CompleteTrial",
    "AddTrials",
    "ExportStudy",
    "Fit",
    "OpenSession",
  ];
  const methods = fuzzedMethods(contracts());
  for (const name of order) {
    const called = methods.find(({ method }) => method.name === name)!;
    await send(clients[called.service], called, [granted(called, names, rng)], names);
  }
}

/** Makes new ones when few studies are known to be left. */
async function tidy(clients: Record<ServiceName, Client>, names: Names, rng: Rng): Promise<void> {
  const studies = names.of("study");
  if (studies.length < 3) await prepare(clients, names, rng.fork("tidy"));
}

function connectAll(addresses: System["addresses"]): Record<ServiceName, Client> {
  const pairs = Object.entries(addresses).map(([service, address]) => [service, rawClient(address)] as const);
  return Object.fromEntries(pairs) as Record<ServiceName, Client>;
}

/** For --replay: the method, and the messages in base64. */
function keepFailure(number: number, { path }: FuzzedMethod, messages: readonly Uint8Array[], outcome: Outcome): void {
  const content = { path, outcome, messages: messages.map((message) => Buffer.from(message).toString("base64")) };
  writeFileSync(join(folder, `failure-${number}.json`), JSON.stringify(content, undefined, 2));
}

async function replay(file: string, { addresses }: System): Promise<boolean> {
  const { path, messages } = JSON.parse(readFileSync(file, "utf8")) as { path: string; messages: string[] };
  const called = fuzzedMethods(contracts()).find((candidate) => candidate.path === path)!;
  const client = rawClient(addresses[called.service]);
  const bytes = messages.map((message) => Buffer.from(message, "base64"));
  const outcome = await send(client, called, bytes, createNames());
  client.close();
  console.log(`${basename(file)}: ${path}: ${status[outcome.code]} ${outcome.details}`);
  return createReport([called]).add(called, outcome);
}
