import { parse } from "yaml";

/** What a container is started with, of what the compose file says. */
export interface ComposeService {
  readonly name: string;
  /** `NAME:TAG`. */
  readonly image: string;
  /** The target of deploy/Dockerfile, for images of ours. */
  readonly target: string | undefined;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
  /** Folders in memory. */
  readonly tmpfs: readonly string[];
  readonly mounts: readonly Mount[];
  readonly replicas: number;
  /** How long it may take to end after SIGTERM, seconds. */
  readonly graceSeconds: number;
}

export interface Mount {
  /** A path of this machine for a bind mount, else the name of a volume. */
  readonly source: string;
  readonly target: string;
  readonly bind: boolean;
  readonly readOnly: boolean;
}

/** As compose-go writes it: merged, interpolated, paths made absolute. */
interface Written {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly build?: { readonly target: string };
        readonly command?: readonly string[] | null;
        readonly environment?: Readonly<Record<string, string>>;
        readonly read_only?: boolean;
        readonly tmpfs?: readonly string[];
        readonly volumes?: readonly { type: string; source: string; target: string; read_only?: boolean }[];
        readonly deploy?: { readonly replicas?: number };
        readonly stop_grace_period?: string;
      }
    >
  >;
}

/** The services of a compose file. @param text - as the specification's reference implementation writes it */
export function readCompose(text: string): ComposeService[] {
  return Object.entries((parse(text) as Written).services).map(([name, service]) => ({
    name,
    image: service.image,
    target: service.build?.target,
    command: service.command ?? [],
    environment: service.environment ?? {},
    readOnly: service.read_only ?? false,
    tmpfs: service.tmpfs ?? [],
    mounts: (service.volumes ?? []).map(({ type, source, target, read_only }) => ({
      source,
      target,
      bind: type === "bind",
      readOnly: read_only ?? false,
    })),
    replicas: service.deploy?.replicas ?? 1,
    // Compose's own default is ten.
    graceSeconds: Number.parseInt(service.stop_grace_period ?? "10s", 10),
  }));
}
