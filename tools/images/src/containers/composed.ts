import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { binary } from "@superbatch/observability/program";
import type { ComposeService } from "./compose.ts";
import { type Container, startContainer } from "./container.ts";
import { type Image, unpack } from "./image.ts";
import type { Network } from "./network.ts";

/** Programs of others by their services, and what their images set: tools/observability builds them. */
const standIns: Readonly<
  Record<string, { readonly program: string; readonly env?: Readonly<Record<string, string>> }>
> = {
  collector: { program: "otelcol" },
  jaeger: { program: "jaeger", env: { JAEGER_LISTEN_HOST: "0.0.0.0" } },
  prometheus: { program: "prometheus" },
};

/** Starts the containers of a service; none for those of others for which there is no stand-in. */
export function startService(
  service: ComposeService,
  images: ReadonlyMap<string, Image>,
  network: Network,
  folder: string,
): Container[] {
  const standIn = standIns[service.name];
  if (service.target === undefined && standIn === undefined) return [];
  return Array.from({ length: service.replicas }, (_, i) => {
    const name = service.replicas === 1 ? service.name : `${service.name}-${i + 1}`;
    return startContainer({
      name,
      aliases: name === service.name ? [] : [service.name],
      image: images.get(service.target ?? "base")!,
      ...(standIn && { entrypoint: [`/usr/local/bin/${standIn.program}`] }),
      args: service.command,
      env: { ...standIn?.env, ...service.environment },
      tmpfs: service.tmpfs,
      mounts: [
        ...service.mounts.map((mount) => (mount.bind ? mount : { ...mount, source: volume(mount.source, folder) })),
        ...(standIn
          ? [{ source: binary(standIn.program), target: `/usr/local/bin/${standIn.program}`, readOnly: true }]
          : []),
      ],
      network,
      folder,
    });
  });
}

/** The folder of a named volume, which the containers' user may write to. */
function volume(name: string, folder: string): string {
  const path = join(folder, `volume-${name}`);
  mkdirSync(path, { recursive: true });
  chownSync(path, 65532, 65532);
  return path;
}

/** The images of the services of ours, and the base in which programs of others run. */
export function unpackAll(services: readonly ComposeService[], folder: string): Map<string, Image> {
  const targets = ["base", ...services.flatMap(({ target }) => target ?? [])];
  return new Map(targets.map((target) => [target, unpack(target, join(folder, `image-${target}`))]));
}
