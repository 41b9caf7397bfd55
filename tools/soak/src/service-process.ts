import { join } from "node:path";
import { type Child, startChild } from "@superbatch/launcher";

/** A service that can be killed and started again at the same address. */
export interface ServiceProcess {
  readonly name: string;
  /** Port that it listens on. */
  readonly port: number;
  /** SIGKILL, or SIGTERM and its end; then it is started again after `pause` milliseconds. @returns when it is ready: milliseconds since the signal. */
  restart(how: "kill" | "drain", pause: number): Promise<number>;
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  readonly name: string;
  /** Folder under services/. */
  readonly service: string;
  readonly args: readonly string[];
  /** For its log. */
  readonly folder: string;
}

export async function startService({ name, service, args, folder }: ServiceProcessOptions): Promise<ServiceProcess> {
  const main = new URL(`../../../services/${service}/src/main.ts`, import.meta.url);
  const logFile = join(folder, `${name}.log`);
  let port = 0;
  let child: Child;

  async function start(): Promise<void> {
    child = startChild({ name, main, args: ["--listen", `127.0.0.1:${port}`, ...args], logFile });
    const address = await child.ready;
    port = Number(address.slice(address.lastIndexOf(":") + 1));
  }

  await start();
  return {
    name,
    get port() {
      return port;
    },
    async restart(how, pause) {
      const began = performance.now();
      if (how === "kill") {
        process.kill(child.pid!, "SIGKILL");
        await child.ended;
      } else await child.stop(30);
      await new Promise((resolve) => setTimeout(resolve, pause));
      await start();
      return performance.now() - began;
    },
    stop: () => child.stop(30),
  };
}
