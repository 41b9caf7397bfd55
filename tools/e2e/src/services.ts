import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { type Child, startChild } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";

export type OptimizerClient = ReturnType<typeof createClient<typeof optimizer.OptimizerServiceDefinition>>["client"];

/** A real optimizer over a real surrogate-model, without trainers: the test is the trainer. */
export interface OptimizerProcesses extends AsyncDisposable {
  readonly client: OptimizerClient;
  readonly address: string;
  readonly optimizer: Child;
  /** Starts the optimizer again where it was, after it has been stopped. */
  restart(): Promise<void>;
}

/** Program of a service. */
export const serviceMain = (service: string) => new URL(`../../../services/${service}/src/main.ts`, import.meta.url);

/** @param options - further options of the optimizer */
export async function startOptimizer(folder: string, options: readonly string[] = []): Promise<OptimizerProcesses> {
  const listen = ["--listen", "127.0.0.1:0"];
  const surrogate = startChild({
    name: "surrogate-model",
    main: serviceMain("surrogate-model"),
    args: listen,
    logFile: join(folder, "surrogate-model.log"),
  });
  const surrogateAddress = await surrogate.ready;
  const store = ["--store", `sqlite:${join(folder, "store.sqlite")}`, "--surrogate-address", surrogateAddress];
  const start = (listen: readonly string[]) =>
    startChild({
      name: "optimizer",
      main: serviceMain("optimizer"),
      args: [...listen, ...store, ...options],
      logFile: join(folder, "optimizer.log"),
    });
  let process = start(listen);
  const address = await process.ready;
  const { client, close } = createClient(optimizer.OptimizerServiceDefinition, address);
  return {
    client,
    address,
    get optimizer() {
      return process;
    },
    async restart() {
      process = start(["--listen", address]);
      await process.ready;
    },
    async [Symbol.asyncDispose]() {
      close();
      await process.stop(10);
      await surrogate.stop(10);
    },
  };
}
