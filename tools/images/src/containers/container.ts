import { execFile, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Mount } from "./compose.ts";
import type { Image } from "./image.ts";
import type { Network } from "./network.ts";

export interface ContainerOptions {
  readonly name: string;
  /** Names of the network under which it is found besides its own. @default none */
  readonly aliases?: readonly string[];
  readonly image: Image;
  /** In place of the image's entrypoint. */
  readonly entrypoint?: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly tmpfs: readonly string[];
  /** Bind mounts; sources are paths. */
  readonly mounts: readonly Omit<Mount, "bind">[];
  readonly network: Network;
  /** For its configuration and its log. */
  readonly folder: string;
}

/** A container of crun. Its root file system is read-only, its user the image's, and it has no capability. */
export interface Container {
  readonly name: string;
  readonly address: string;
  log(): string;
  /** Settles when it has ended, with its exit status. */
  readonly ended: Promise<number>;
  /** Runs a program in it. @returns its exit status and what it wrote */
  exec(command: readonly string[]): Promise<{ readonly status: number; readonly output: string }>;
  /** SIGTERM, and SIGKILL after the given time. @returns the exit status; undefined if it had to be killed */
  stop(graceSeconds: number): Promise<number | undefined>;
}

const run = promisify(execFile);

export function startContainer(options: ContainerOptions): Container {
  const { name, aliases = [], network } = options;
  const { uid, gid } = options.image.runtime.process.user;
  const user = `${uid}:${gid}`;
  const { namespace, address } = network.attach();
  for (const each of [name, ...aliases]) network.addName(each, address);
  const bundle = join(options.folder, name);
  mkdirSync(bundle);
  writeFileSync(join(bundle, "config.json"), JSON.stringify(configuration(options, namespace)));
  const logFile = join(options.folder, `${name}.log`);
  const log = openSync(logFile, "a");
  const crun = ["--root", join(options.folder, "crun"), "--cgroup-manager", "disabled"];
  const child = spawn("crun", [...crun, "run", "--bundle", bundle, name], { stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return {
    name,
    address,
    ended,
    log: () => readFileSync(logFile, "utf8"),
    async exec(command) {
      try {
        const { stdout, stderr } = await run("crun", [...crun, "exec", "--user", user, name, ...command]);
        return { status: 0, output: stdout + stderr };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { status: code, output: stdout + stderr };
      }
    },
    async stop(graceSeconds) {
      const kill = (signal: string) => spawnSync("crun", [...crun, "kill", name, signal]);
      kill("TERM");
      let killed = false;
      const force = setTimeout(() => {
        killed = true;
        kill("KILL");
      }, graceSeconds * 1000);
      const status = await ended;
      clearTimeout(force);
      return killed ? undefined : status;
    },
  };
}

/** The image's runtime configuration, hardened as the compose file and the chart do it. */
function configuration(
  { name, image, entrypoint, args, env, tmpfs, mounts, network }: ContainerOptions,
  namespace: string,
): object {
  const { runtime } = image;
  const bind = (source: string, destination: string, readOnly: boolean) => ({
    type: "bind",
    source,
    destination,
    options: ["rbind", readOnly ? "ro" : "rw"],
  });
  return {
    ...runtime,
    hostname: name,
    root: { path: image.files, readonly: true },
    process: {
      ...runtime.process,
      terminal: false,
      args: [...(entrypoint ?? runtime.process.args), ...args],
      env: [...runtime.process.env, ...Object.entries(env).map(([variable, value]) => `${variable}=${value}`)],
      capabilities: Object.fromEntries(
        ["bounding", "effective", "inheritable", "permitted", "ambient"].map((set) => [set, []]),
      ),
      noNewPrivileges: true,
      rlimits: [],
    },
    mounts: [
      // There is no controller of this namespace's to show.
      ...runtime.mounts.filter(({ destination }) => !destination.startsWith("/sys")),
      ...tmpfs.map((destination) => ({
        type: "tmpfs",
        source: "tmpfs",
        destination,
        options: ["nosuid", "nodev", "mode=1777"],
      })),
      ...mounts.map(({ source, target, readOnly }) => bind(source, target, readOnly)),
      bind(network.hostsFile, "/etc/hosts", true),
    ],
    linux: {
      ...runtime.linux,
      namespaces: [
        ...runtime.linux.namespaces.filter(({ type }) => type !== "network"),
        { type: "network", path: `/run/netns/${namespace}` },
      ],
    },
  };
}
