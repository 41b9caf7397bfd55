import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../bundle.ts";

/** An image that lies unpacked. */
export interface Image {
  readonly target: string;
  /** Its root file system. */
  readonly files: string;
  /** Of the OCI runtime, as the image asks for it. */
  readonly runtime: Runtime;
}

/** The parts of an OCI runtime's configuration that are changed here. */
export interface Runtime {
  readonly process: {
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly user: { readonly uid: number; readonly gid: number };
    readonly [other: string]: unknown;
  };
  readonly mounts: readonly { readonly destination: string; readonly [other: string]: unknown }[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string; readonly path?: string }[];
    readonly [other: string]: unknown;
  };
  readonly [other: string]: unknown;
}

/** What the image says of itself. */
export interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Labels: Readonly<Record<string, string>>;
}

const layout = join(root, "build/oci");

/** Unpacks an image of build/oci by umoci, which compares every blob with its digest. @param folder - to be made */
export function unpack(target: string, folder: string): Image {
  execFileSync("umoci", ["unpack", "--image", `${layout}:${target}`, folder], { stdio: ["ignore", "ignore", "pipe"] });
  const runtime = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Runtime;
  return { target, files: join(folder, "rootfs"), runtime };
}

export function inspect(target: string): ImageConfig {
  const text = execFileSync("skopeo", ["inspect", "--config", `oci:${layout}:${target}`], { encoding: "utf8" });
  return (JSON.parse(text) as { config: ImageConfig }).config;
}

/** Whether a path is in the image. */
export const has = ({ files }: Image, path: string): boolean => existsSync(join(files, path));
