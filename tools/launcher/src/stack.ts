import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseStudyName } from "@superbatch/contracts";
import { type Child, startChild } from "./child.ts";
import { isFree } from "./ports.ts";

export interface StackOptions {
  /** Folder of the store and the logs. */
  readonly stateDir: string;
  /** First port to listen on; absent: 7601 and the next ones, or any free one where those are taken. */
  readonly port?: number;
  /** Trainers to start, at least 0. */
  readonly trainers: number;
  /** Further arguments for each trainer. */
  readonly trainerArgs: readonly string[];
  /** The program of a service, by its folder's name. @default its main.ts */
  readonly program?: (service: string) => URL;
}

/** The services of this machine, running. */
export interface Stack {
  readonly children: readonly Child[];
  readonly optimizerAddress: string;
  /** One for each trainer. */
  readonly trainerAddresses: readonly string[];
  readonly surrogateAddress: string;
  readonly samplerAddress: string;
  /** Where a browser finds the dashboard, `http://HOST:PORT`. */
  readonly dashboardUrl: string;
  /** Rejects as soon as any of the processes ends before it was told to, naming it and its log; the dashboard's end alone stops no study. */
  readonly failed: Promise<never>;
  /** Stops trainers and dashboard first, so that what trainers hold is given back, then the services. Idempotent. */
  stop(): Promise<void>;
}

/** Address of a study's page. @param name - `projects/P/studies/S` */
export function studyPage(dashboardUrl: string, name: string): string {
  const { project, study } = parseStudyName(name)!;
  return `${dashboardUrl}/studies/${project}/${study}`;
}

const defaultPort = 7601;

const sourceOf = (service: string) => new URL(`../../../services/${service}/src/main.ts`, import.meta.url);

/** Starts surrogate-model and importance-sampler, then the optimizer, then dashboard and trainers, each when what it needs is ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { program = sourceOf } = options;
  const logs = join(options.stateDir, "logs");
  mkdirSync(logs, { recursive: true });
  const children: Child[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopInOrder(children);
    return stopping;
  };
  const start = async (name: string, service: string, offset: number, args: readonly string[]): Promise<string> => {
    const launch = (port: number) =>
      startChild({
        name,
        main: program(service),
        args: ["--listen", `127.0.0.1:${port}`, ...args],
        logFile: join(logs, `${name}.log`),
      });
    const port = await choosePort(offset, options.port);
    const child = launch(port);
    children.push(child);
    try {
      return await child.ready;
    } catch (error) {
      // Another stack, started in the same moment, may have taken the port that was free.
      if (options.port !== undefined || port === 0 || stopping || (await isFree(port))) throw error;
      const again = launch(0);
      children.splice(children.indexOf(child), 1, again);
      return again.ready;
    }
  };
  try {
    const [surrogate, sampler] = await Promise.all([
      start("surrogate-model", "surrogate-model", 1, []),
      start("importance-sampler", "importance-sampler", 2, []),
    ]);
    const store = `sqlite:${join(options.stateDir, "store.sqlite")}`;
    const optimizer = await start("optimizer", "optimizer", 0, ["--store", store, "--surrogate-address", surrogate]);
    const dashboard = start("dashboard", "dashboard", 4, ["--optimizer-address", optimizer]);
    const trainers = await Promise.all(
      Array.from({ length: options.trainers }, (_, index) =>
        start(`trainer-${index + 1}`, "trainer", index === 0 ? 3 : 4 + index, [
          ...["--worker", `trainer-${index + 1}`, "--optimizer-address", optimizer, "--sampler-address", sampler],
          ...options.trainerArgs,
        ]),
      ),
    );
    const dashboardUrl = `http://${await dashboard}`;
    const failed = Promise.race(
      children
        .filter(({ name }) => name !== "dashboard")
        .map(async (child) => {
          const code = await child.ended;
          if (stopping) return new Promise<never>(() => {});
          throw new Error(`${child.name} ended with ${code}; see ${child.logFile}`);
        }),
    );
    failed.catch(() => {});
    return {
      children,
      optimizerAddress: optimizer,
      trainerAddresses: trainers,
      surrogateAddress: surrogate,
      samplerAddress: sampler,
      dashboardUrl,
      failed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @throws {Error} if a port that the user chose is taken. */
async function choosePort(offset: number, chosen: number | undefined): Promise<number> {
  const port = (chosen ?? defaultPort) + offset;
  if (await isFree(port)) return port;
  if (chosen !== undefined) throw new Error(`port ${port} is taken; choose another first port with --port`);
  return 0;
}

async function stopInOrder(children: readonly Child[]): Promise<void> {
  const isFirst = ({ name }: Child) => name.startsWith("trainer") || name === "dashboard";
  await Promise.all(children.filter(isFirst).map((child) => child.stop(15)));
  await Promise.all(children.filter((child) => child.name === "optimizer").map((child) => child.stop(15)));
  await Promise.all(children.map((child) => child.stop(15)));
}
