import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** A virtual environment: one for most peers, others for what does not get along with the newest of everything. */
export type Environment = "bench" | "vizier";

const folderOf = (environment: Environment) => join(root, ".superbatch", `venv-${environment}`);
const pythonOf = (environment: Environment) => join(folderOf(environment), "bin", "python");

/** A Python process that answers one line of JSON with another. Requests may be sent one at a time. */
export interface PythonPeer {
  /** @throws {Error} with what Python wrote to standard error, if it ended instead of answering. */
  request<Answer>(message: unknown): Promise<Answer>;
  close(): void;
}

/** Modules that are not called as their packages are. */
const moduleNames: Readonly<Record<string, string>> = {
  "scikit-learn": "sklearn",
  "google-vizier": "vizier",
  grpcio: "grpc",
  protobuf: "google",
  "grpcio-tools": "grpc_tools",
  "googleapis-common-protos": "google.rpc",
};

/** Vizier 0.1.24 pins an equinox that needs a JAX from before 0.5, and that one a flax and a numpy of its time. */
const vizierPackages = ["google-vizier[jax]", "jax==0.4.35", "jaxlib==0.4.35", "flax<0.11", "numpy<2.3"];

/** @throws {Error} with pip's output if an installation fails. */
export function installVizier(log: (line: string) => void): void {
  installPython(vizierPackages, log, "vizier");
}

/** The interpreter of most peers' environment. */
export function pythonCommand(): string {
  return pythonOf("bench");
}

/**
 * Makes a virtual environment of the benchmarks (.superbatch/venv-…) if it is missing, and installs what is missing in it.
 *
 * @param packages - requirements for pip, whose names must also be module names once `-` is `_`, but for those of `moduleNames`
 * @throws {Error} with pip's output if an installation fails.
 */
export function installPython(
  packages: readonly string[],
  log: (line: string) => void,
  environment: Environment = "bench",
): void {
  const python = pythonOf(environment);
  if (!existsSync(python)) {
    log(`making the Python environment .superbatch/venv-${environment}`);
    run("python3", ["-m", "venv", folderOf(environment)]);
  }
  const names = packages.map((requirement) => requirement.replace(/[[<=>].*/, ""));
  const modules = names.map((name) => moduleNames[name] ?? name.replaceAll("-", "_"));
  const found = spawnSync(python, [
    "-c",
    `import importlib.util as u; print(" ".join(m for m in ${JSON.stringify(modules)} if u.find_spec(m)))`,
  ]);
  const present = new Set(String(found.stdout).trim().split(" "));
  const missing = packages.filter((_, i) => !present.has(modules[i]!));
  if (missing.length === 0) return;
  log(`installing ${missing.join(", ")}`);
  run(python, ["-m", "pip", "install", "--quiet", ...missing]);
}

/** Runs {@link pythonCommand} to its end. @throws {Error} with its output if it fails. */
export function runPython(args: readonly string[]): void {
  run(pythonCommand(), args);
}

/** Starts a script of the benchmarks on one thread. @param script - path beside the sources, e.g. `linalg/peer.py` */
export function startPython(script: string, environment: Environment = "bench"): PythonPeer {
  const threads = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  const child: ChildProcessWithoutNullStreams = spawn(
    pythonOf(environment),
    [fileURLToPath(new URL(script, import.meta.url))],
    {
      env: { ...process.env, ...threads },
    },
  );
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async request<Answer>(message: unknown) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script} ended: ${errors}`);
      return JSON.parse(value) as Answer;
    },
    close: () => child.kill(),
  };
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stdout}${stderr}`);
}
