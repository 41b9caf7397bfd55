import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { optimizer } from "@superbatch/contracts";
import { type ClientHandle, createClient } from "@superbatch/rpc";
import { installPython, pythonCommand, runPython } from "../python.ts";
import { type RunningProcess, startCommand, startProcess } from "../sampler/processes.ts";

export type OptimizerHandle = ClientHandle<typeof optimizer.OptimizerServiceDefinition>;

/** An optimizer with surrogates under the names of contenders. */
export interface Services {
  readonly client: OptimizerHandle["client"];
  stop(): void;
}

const client = fileURLToPath(new URL("../../../../clients/python/", import.meta.url));

/** @param surrogates - names of those to start */
export async function startServices(surrogates: readonly string[], log: (line: string) => void): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-surrogates-"));
  const running: RunningProcess[] = [];
  const keep = async (start: Promise<RunningProcess>) => {
    const process = await start;
    running.push(process);
    return process.address;
  };
  const listen = ["--listen", "127.0.0.1:0", "--log-level", "error"];
  const stop = () => {
    for (const process of running) process.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const named: string[] = [];
    for (const name of surrogates) {
      const start =
        name === "botorch"
          ? startBotorch(log)
          : startProcess("services/surrogate-model/src/main.ts", [...listen, "--threads", "1", "--model", name]);
      named.push(`${name}=${await keep(start)}`);
    }
    const store = ["--store", `sqlite:${join(folder, "store.sqlite")}`];
    // Every study names its surrogate: the optimizer's own is never asked.
    const nowhere = ["--surrogate-address", "127.0.0.1:1"];
    const more = named.length > 0 ? ["--surrogates", named.join(",")] : [];
    const address = await keep(
      startProcess("services/optimizer/src/main.ts", [...listen, ...store, ...nowhere, ...more]),
    );
    const handle = createClient(optimizer.OptimizerServiceDefinition, address);
    return {
      client: handle.client,
      stop() {
        handle.close();
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

async function startBotorch(log: (line: string) => void): Promise<RunningProcess> {
  installPython(["numpy", "botorch", "grpcio", "grpcio-tools", "googleapis-common-protos", "typing-extensions"], log);
  runPython([join(client, "generate.py")]);
  const environment = { PYTHONPATH: join(client, "src"), OMP_NUM_THREADS: "1" };
  return startCommand(pythonCommand(), ["-m", "superbatch.surrogate.botorch", "--listen", "127.0.0.1:0"], environment);
}
