import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startChild } from "@superbatch/launcher";
import { writeCertificate } from "@superbatch/rpc/testing";

/**
 * Starts an optimizer and a surrogate-model with TLS and tokens on, runs the client contract by the runner of each language, and prints one line for
 * each. `--only go,java`: only these. What each language needs must have been built: tools/e2e/client-contract.sh does.
 */
const root = new URL("../../../../", import.meta.url).pathname;

interface Language {
  readonly name: string;
  readonly folder: string;
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

const languages: readonly Language[] = [
  { name: "typescript", folder: ".", command: [process.execPath, "tools/e2e/src/client-contract/typescript.ts"] },
  {
    name: "python",
    folder: "clients/python",
    command: [join(root, ".superbatch/python/bin/python"), "tests/contract.py"],
    environment: { PYTHONPATH: "src", GRPC_VERBOSITY: "NONE" },
  },
  { name: "go", folder: "clients/go", command: [join(root, ".superbatch/bin/client-contract")] },
  {
    name: "java",
    folder: "clients/java",
    command: ["mvn", "--quiet", "--batch-mode", "exec:java"],
  },
];

const main = (service: string) => new URL(`../../../../services/${service}/src/main.ts`, import.meta.url);

/** Runs a language's runner. @returns whether it passed. */
function run({ name, folder, command, environment }: Language, settings: Record<string, string>): Promise<boolean> {
  const [program, ...args] = command;
  const env = {
    ...process.env,
    ...settings,
    ...environment,
    SUPERBATCH_RUN: `${name}-${randomBytes(4).toString("hex")}`,
  };
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: join(root, folder), env, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", (error) => {
      console.log(`${name}: ${error.message}`);
      resolve(false);
    });
    child.once("exit", (code) => resolve(code === 0));
  });
}

const { values } = parseArgs({ options: { only: { type: "string" } } });
const wanted = values.only?.split(",") ?? languages.map(({ name }) => name);
const unknown = wanted.filter((name) => !languages.some((language) => language.name === name));
if (unknown.length > 0)
  throw new Error(`--only: ${unknown.join(", ")}; there are ${languages.map(({ name }) => name)}`);

const folder = mkdtempSync(join(tmpdir(), "superbatch-contract-"));
const file = (name: string) => join(folder, name);
const token = randomBytes(24).toString("hex");
const authority = await writeCertificate(folder, "authority");
await writeCertificate(folder, "server", authority);
await writeCertificate(folder, "other-authority");
writeFileSync(file("token"), token);
const principals = [{ id: "contract", token, roles: { "*": "owner" } }];
writeFileSync(file("principals.json"), JSON.stringify({ principals }));

const secured = ["--tls-certificate", file("server.pem"), "--tls-key", file("server.key")];
const start = (name: string, ...args: string[]) =>
  startChild({
    name,
    main: main(name),
    args: ["--listen", "127.0.0.1:0", ...secured, "--principals-file", file("principals.json"), ...args],
    logFile: file(`${name}.log`),
  });
const surrogate = start("surrogate-model");
const optimizer = start(
  "optimizer",
  ...["--store", `sqlite:${file("store.sqlite")}`, "--surrogate-address", await surrogate.ready],
  ...["--surrogate-authority", file("authority.pem"), "--surrogate-token-file", file("token")],
);
const settings = {
  SUPERBATCH_ADDRESS: await optimizer.ready,
  SUPERBATCH_TOKEN: token,
  SUPERBATCH_CA: file("authority.pem"),
  SUPERBATCH_OTHER_CA: file("other-authority.pem"),
  SUPERBATCH_SCENARIOS: join(root, "clients/scenarios/client-contract.yaml"),
};
try {
  for (const language of languages.filter(({ name }) => wanted.includes(name))) {
    if (!(await run(language, settings))) process.exitCode = 1;
  }
} finally {
  await optimizer.stop(10);
  await surrogate.stop(10);
  rmSync(folder, { recursive: true });
}
