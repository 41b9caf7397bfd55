import { join } from "node:path";
import { type Child, startChild } from "@superbatch/launcher";
import { type ServiceName, serviceNames } from "./contracts.ts";

/** The four services as processes, without trainers at work. */
export interface System {
  readonly addresses: Readonly<Record<ServiceName, string>>;
  readonly children: Readonly<Record<ServiceName, Child>>;
  stop(): Promise<void>;
}

/** V8 lets a heap grow as long as there is room. With little of it, memory that grows on and on is held by somebody. */
const nodeArgs = ["--max-old-space-size=192", "--max-semi-space-size=4"];

/** @param folder - for the store and the logs. */
export async function startSystem(folder: string): Promise<System> {
  const start = (name: ServiceName, ...args: string[]) =>
    startChild({
      name,
      main: new URL(`../../../services/${name}/src/main.ts`, import.meta.url),
      nodeArgs,
      args: ["--listen", "127.0.0.1:0", "--log-level", "warn", ...args],
      logFile: join(folder, `${name}.log`),
    });
  const surrogate = start("surrogate-model", "--threads", "2", "--cache-mebibytes", "32", "--max-observations", "200");
  const sampler = start(
    "importance-sampler",
    "--max-examples",
    "100000",
    "--max-super-batch-size",
    "4096",
    "--idle-seconds",
    "20",
  );
  const surrogateAddress = await surrogate.ready;
  const optimizer = start(
    "optimizer",
    ...["--store", `sqlite:${join(folder, "store.sqlite")}`, "--surrogate-address", surrogateAddress],
    ...["--max-trials", "500", "--max-studies", "200"],
  );
  const samplerAddress = await sampler.ready;
  const trainer = start(
    "trainer",
    "--no-lease",
    "--no-download",
    "--backend",
    "wasm",
    "--sampler-address",
    samplerAddress,
  );
  const children = { optimizer, "surrogate-model": surrogate, "importance-sampler": sampler, trainer };
  const names = Object.keys(serviceNames) as ServiceName[];
  const ready = await Promise.all(names.map(async (name) => [name, await children[name].ready] as const));
  return {
    addresses: Object.fromEntries(ready) as Record<ServiceName, string>,
    children,
    async stop() {
      await Promise.all(Object.values(children).map((child) => child.stop(15)));
    },
  };
}
