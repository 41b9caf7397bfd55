import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { defaultProject, idRule, isResourceId } from "@superbatch/contracts";
import type { ClientOptions } from "@superbatch/rpc";
import { z } from "zod";
import { usageError } from "./failure.ts";
import { readYaml } from "./study-file/read-yaml.ts";

/** How services are reached, and which project is meant. */
export interface Settings {
  readonly address: string;
  readonly project: string;
  readonly client: ClientOptions;
}

/** Each can be a flag, a variable, or a key of the configuration file (with _ for -), in this order of precedence. */
export const connectionOptions = [
  { name: "address", argument: "<host:port>", description: "the optimizer's address", fallback: "127.0.0.1:7601" },
  { name: "project", argument: "<id>", description: "the project that studies belong to", fallback: defaultProject },
  {
    name: "authority",
    argument: "<file>",
    description: "PEM file with the authorities that may sign the server's certificate; turns TLS on",
  },
  {
    name: "certificate",
    argument: "<file>",
    description: "PEM file with this client's certificate chain, for servers that want one",
  },
  { name: "key", argument: "<file>", description: "PEM file with the key of --certificate" },
  { name: "token-file", argument: "<file>", description: "file with the bearer token" },
  { name: "timeout", argument: "<seconds>", description: "deadline of each call", fallback: "60" },
] as const;

const fileSchema = z.strictObject({
  address: z.string().optional(),
  project: z.string().optional(),
  authority: z.string().optional(),
  certificate: z.string().optional(),
  key: z.string().optional(),
  token_file: z.string().optional(),
  timeout: z.number().positive().optional(),
});

export function variableOf(name: string): string {
  return `SUPERBATCH_${name.replaceAll("-", "_").toUpperCase()}`;
}

type Given = Readonly<Record<string, unknown>>;

/** @param flags - as commander gives them: camelCase. @throws {CommandError} for a file or a value that is wrong. */
export function loadSettings(flags: Given, env: Readonly<Record<string, string | undefined>>): Settings {
  const file = readFile((flags.config as string | undefined) ?? env.SUPERBATCH_CONFIG, env);
  const value = (name: (typeof connectionOptions)[number]["name"]): string | undefined => {
    const option = connectionOptions.find((entry) => entry.name === name)!;
    const flag = flags[name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    const key = file[name.replaceAll("-", "_") as keyof typeof file];
    const found =
      flag ?? (env[variableOf(name)] || undefined) ?? key ?? ("fallback" in option ? option.fallback : undefined);
    return found === undefined ? undefined : String(found);
  };
  const project = value("project")!;
  if (!isResourceId(project)) throw usageError(`--project ${project}: must be ${idRule}`);
  const timeout = Number(value("timeout"));
  if (!(timeout > 0)) throw usageError(`--timeout ${value("timeout")}: must be a number of seconds above 0`);
  const tokenFile = value("token-file");
  const token = env.SUPERBATCH_TOKEN || undefined;
  return {
    address: value("address")!,
    project,
    client: {
      authority: value("authority"),
      certificate: value("certificate"),
      key: value("key"),
      ...(tokenFile === undefined ? { token } : { tokenFile }),
      deadlineSeconds: timeout,
    },
  };
}

/** The named file, else the user's own if there is one. */
function readFile(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<typeof fileSchema> {
  const path =
    named ?? join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), ".config"), "superbatch", "config.yaml");
  if (named === undefined && !existsSync(path)) return {};
  return readYaml(path, fileSchema).value;
}
