// In every image beside its service: asks services for their health. `helm test` runs it, and people who look for a fault.
import { lookup } from "node:dns/promises";
import { createClient, parseAddress } from "@superbatch/rpc";
import { HealthDefinition } from "nice-grpc-server-health";

const targets = process.argv.slice(2);
const authority = process.env.SUPERBATCH_PROBE_AUTHORITY;
if (targets.length === 0) {
  console.error(
    "usage: probe [dns:///]HOST:PORT …   (SUPERBATCH_PROBE_AUTHORITY: PEM file of the authorities, for TLS)",
  );
  process.exit(2);
}

/** Calls go to the replicas in turn: twice as many as there are reach each of them. */
async function probe(target: string): Promise<string> {
  const { host } = parseAddress(target.replace(/^dns:\/\/\//, ""));
  const replicas = (await lookup(host, { all: true })).length;
  const { client, close } = createClient(HealthDefinition, target, { authority, deadlineSeconds: 10 });
  try {
    for (let i = 0; i < 2 * replicas; i++) {
      const { status } = await client.check({ service: "readiness" });
      if (status !== 1) return `not serving (status ${status})`;
    }
    return `serving, ${replicas} address${replicas === 1 ? "" : "es"}`;
  } finally {
    close();
  }
}

for (const target of targets) {
  const found = await probe(target).catch((error: unknown) => String(error));
  console.log(`${target}: ${found}`);
  if (!found.startsWith("serving")) process.exitCode = 1;
}
