import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A bridge in this process' network namespace; each container has an address on it, and a name that all know. */
export interface Network {
  /** Where what runs outside of containers listens for them. */
  readonly gateway: string;
  /** To be mounted at /etc/hosts. Names that are added later are in it too. */
  readonly hostsFile: string;
  /** Another name for an address; a name may have several addresses, as replicas do. */
  addName(name: string, address: string): void;
  /** A namespace with an address of its own. */
  attach(): { readonly namespace: string; readonly address: string };
}

const prefix = "10.89.7";

/** @param folder - for the file of names */
export function createNetwork(folder: string): Network {
  const ip = (...args: readonly string[]) => execFileSync("ip", args);
  ip("link", "set", "lo", "up");
  ip("link", "add", "superbatch0", "type", "bridge");
  ip("address", "add", `${prefix}.1/24`, "dev", "superbatch0");
  ip("link", "set", "superbatch0", "up");
  const names = ["127.0.0.1 localhost"];
  const hostsFile = join(folder, "hosts");
  const write = () => writeFileSync(hostsFile, `${names.join("\n")}\n`);
  write();
  let last = 1;
  return {
    gateway: `${prefix}.1`,
    hostsFile,
    addName(name, address) {
      names.push(`${address} ${name}`);
      write();
    },
    attach() {
      const namespace = `superbatch-${++last}`;
      const address = `${prefix}.${last}`;
      ip("netns", "add", namespace);
      ip("link", "add", `superbatch${last}`, "type", "veth", "peer", "name", "eth0", "netns", namespace);
      ip("link", "set", `superbatch${last}`, "master", "superbatch0", "up");
      ip("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
      ip("-n", namespace, "link", "set", "eth0", "up");
      ip("-n", namespace, "link", "set", "lo", "up");
      return { namespace, address };
    },
  };
}
