import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sampler as contract } from "@superbatch/contracts";
import { createLocalSampler, type SessionSpec } from "@superbatch/is-sgd";
import { drive } from "@superbatch/is-sgd/testing";
import { type ClientHandle, createClient, createLogger, reasonOf, type Service } from "@superbatch/rpc";
import { openRemoteSampler } from "@superbatch/sampler-client";
import { afterEach, describe, expect, it } from "vitest";
import { composeSampler } from "./compose.ts";
import { config } from "./config.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(settings: object): Promise<Service> {
  const service = composeSampler({
    config: config.schema.parse({ listen: "127.0.0.1:0", ...settings }),
    logger: createLogger({ name: "importance-sampler", level: "silent" }),
  });
  await service.start();
  open.push(() => service.stop());
  return service;
}

type Handle = ClientHandle<typeof contract.SamplerServiceDefinition>;

function clientOf(service: Service, token?: string): Handle["client"] {
  const handle = createClient(contract.SamplerServiceDefinition, service.address, {
    retry: { calls: "none" },
    ...(token ? { token } : {}),
  });
  open.push(handle.close);
  return handle.client;
}

const spec: SessionSpec = { examples: 100, batchSize: 4, superBatchSize: 12, threshold: 0, seed: 5 };
const request = (examples: number, scheme: contract.Scheme = "SCHEME_UPPER_BOUND") => ({
  spec: contract.SessionSpec.fromPartial({ examples, batchSize: 4, superBatchSize: 8, scheme }),
  token: Buffer.alloc(0),
  requestId: "",
});
const reasonFor = (call: Promise<unknown>) => call.then(() => "OK", reasonOf);
const scoreOf = (index: number) => (index % 5) + 1;

describe("a tenant", () => {
  it("is a principal: its limits are its own, however it says who it is, and its sessions are hidden from others", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sampler-"));
    open.push(() => rmSync(folder, { recursive: true }));
    const tokens = { ada: "ada-token-0123456789", bob: "bob-token-0123456789" };
    const principals = Object.entries(tokens).map(([id, token]) => ({ id, token, roles: { "*": "trainer" } }));
    writeFileSync(join(folder, "principals"), JSON.stringify({ principals }));
    const service = await start({
      principalsFile: join(folder, "principals"),
      auditFile: join(folder, "audit"),
      maxSessionsPerTenant: 2,
      maxHistoryExamplesPerTenant: 150,
    });
    const [ada, bob] = [clientOf(service, tokens.ada), clientOf(service, tokens.bob)];
    const { session } = await ada.openSession(request(100, "SCHEME_LOSS_HISTORY"));
    expect(await reasonFor(ada.openSession(request(100, "SCHEME_LOSS_HISTORY")))).toBe("SESSION_LIMIT_EXCEEDED");
    expect(await reasonFor(bob.openSession(request(100, "SCHEME_LOSS_HISTORY")))).toBe("OK");
    await ada.openSession(request(100));
    expect(await reasonFor(ada.openSession(request(100)))).toBe("SESSION_LIMIT_EXCEEDED");
    expect(await reasonFor(bob.openSession(request(100)))).toBe("OK");
    expect(await reasonFor(bob.getSession({ session }))).toBe("SESSION_NOT_FOUND");
    await bob.closeSession({ session });
    expect(await reasonFor(ada.getSession({ session }))).toBe("OK");
    await ada.closeSession({ session });
    expect(await reasonFor(ada.openSession(request(100)))).toBe("OK");
  });
});

describe("an idle session", () => {
  it("expires, and its worker goes on by the token as if nothing had been", async () => {
    const undisturbed = await drive(createLocalSampler(spec), scoreOf, 30);
    const service = await start({ idleSeconds: 1 });
    const sampler = await openRemoteSampler({ spec, addresses: [service.address] });
    const before = await drive(sampler, scoreOf, 15);
    const client = clientOf(service);
    // Looking at a session is no use of it.
    while ((await reasonFor(client.getSession({ session: sampler.session }))) === "OK") await sleep(50);
    const after = await drive(sampler, scoreOf, 15, before.next);
    expect([...before.steps, ...after.steps]).toEqual(undisturbed.steps);
    expect(sampler.reconnects()).toBeGreaterThanOrEqual(1);
    await sampler.close();
  });
});
