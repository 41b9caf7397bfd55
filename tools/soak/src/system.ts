import { join } from "node:path";
import { type PostgresServer, startPostgres } from "@superbatch/store/testing/postgres";
import type { SoakOptions } from "./options.ts";
import { createProxy, type TcpProxy } from "./proxy.ts";
import { type ServiceProcess, startService } from "./service-process.ts";

/** Everything that the trainers work with, and the network between. */
export interface System {
  readonly postgres: PostgresServer | undefined;
  readonly replicas: readonly ServiceProcess[];
  readonly surrogate: ServiceProcess;
  /** By what they lead to. */
  readonly proxies: ReadonlyMap<string, TcpProxy>;
  /** Of all replicas through their proxies, for a client. */
  readonly address: string;
  /** Of the database, past the proxy. */
  readonly storeUrl: string;
  /** Ends the optimizers and the surrogate; the database stays for the checker. */
  stopServices(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSystem({ engine, replicas: count }: SoakOptions, folder: string): Promise<System> {
  // Whatever has been started is stopped again if the rest cannot be.
  await using started = new AsyncDisposableStack();
  const postgres = engine === "postgres" ? await startPostgres() : undefined;
  if (engine === "postgres" && !postgres)
    throw new Error("there is no PostgreSQL on this machine: install the package postgresql, or use --engine sqlite");
  if (postgres) started.defer(() => postgres.stop());
  const storeUrl = postgres ? await postgres.createDatabase() : `sqlite:${join(folder, "store.sqlite")}`;

  const services = started.use(new AsyncDisposableStack());
  const proxies = new Map<string, TcpProxy>();
  const addProxy = async (name: string, target: Parameters<typeof createProxy>[0]) => {
    const proxy = await createProxy(target);
    services.defer(() => proxy.close());
    proxies.set(name, proxy);
    return `127.0.0.1:${proxy.port}`;
  };
  const addService = async (name: string, service: string, args: readonly string[]) => {
    const process = await startService({ name, service, args, folder });
    services.defer(() => process.stop());
    return process;
  };

  let store = storeUrl;
  if (postgres) {
    const { searchParams, pathname } = new URL(storeUrl);
    const path = join(searchParams.get("host")!, ".s.PGSQL.5432");
    store = `postgres://test@${await addProxy("database", { path })}${pathname}`;
  }
  const surrogate = await addService("surrogate-model", "surrogate-model", []);
  const surrogateAddress = await addProxy(surrogate.name, { port: surrogate.port, host: "127.0.0.1" });

  const replicas: ServiceProcess[] = [];
  const addresses: string[] = [];
  for (let i = 1; i <= count; i++) {
    const args = ["--store", store, "--surrogate-address", surrogateAddress];
    const replica = await addService(`optimizer-${i}`, "optimizer", args);
    replicas.push(replica);
    addresses.push(await addProxy(replica.name, { port: replica.port, host: "127.0.0.1" }));
  }

  const all = started.move();
  return {
    postgres,
    replicas,
    surrogate,
    proxies,
    address: `ipv4:${addresses.join(",")}`,
    storeUrl,
    stopServices: () => services.disposeAsync(),
    stop: () => all.disposeAsync(),
  };
}
