import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);

/** A PostgreSQL of the test's own: a new data folder, reachable only by a socket in it. */
export interface PostgresServer {
  /** A new, empty database. @returns its URL. */
  createDatabase(): Promise<string>;
  /**
   * Ends the server and starts it again over its data: `fast` breaks connections and writes a checkpoint, `crash` stops all of its processes
   * at once, `kill` ends its first process by SIGKILL and leaves the others to notice. @default "fast"
   */
  restart(how?: "fast" | "crash" | "kill"): Promise<void>;
  stop(): Promise<void>;
}

/** @returns undefined if this machine has no PostgreSQL. */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const programs = findPrograms();
  if (programs === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "superbatch-postgres-"));
  const data = join(folder, "data");
  const user = unprivileged();
  if (user) await chown(folder, user.uid, user.gid);
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: "C" } };
  await run(join(programs, "initdb"), ["-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"], options);
  let server = start();
  let databases = 0;
  await ready();

  function start(): ChildProcess {
    // Only processes are killed here, never the machine: what is written is safe without waiting for the disk.
    const settings = ["listen_addresses=", `unix_socket_directories=${folder}`, "max_connections=60", "fsync=off"];
    const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
    return spawn(join(programs!, "postgres"), args, { ...options, stdio: "ignore" });
  }

  function urlOf(database: string): string {
    return `postgres://test@localhost/${database}?host=${encodeURIComponent(folder)}`;
  }

  async function query(text: string): Promise<void> {
    const client = new pg.Client({ connectionString: urlOf("postgres") });
    client.on("error", () => {});
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  }

  async function ready(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return await query("select 1");
      } catch (error) {
        if (tries > 600) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
        // It refuses to start while processes of a killed server still hold its memory.
        if (server.exitCode !== null) server = start();
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, "exit");
  }

  return {
    async createDatabase() {
      const name = `test_${++databases}`;
      await query(`create database ${name}`);
      return urlOf(name);
    },
    async restart(how = "fast") {
      await end(signals[how]);
      server = start();
      await ready();
    },
    async stop() {
      await end("SIGINT");
      await rm(folder, { recursive: true });
    },
  };
}

/** SIGINT: fast shutdown. SIGQUIT: immediate shutdown, recovery from the log at the next start. */
const signals = { fast: "SIGINT", crash: "SIGQUIT", kill: "SIGKILL" } as const;

/** Debian keeps the server's programs outside of the path. */
function findPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** PostgreSQL refuses to run as root: in a container, it runs as "nobody". */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}
