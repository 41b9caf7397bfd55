import { existsSync, readdirSync } from "node:fs";
import { ChannelCredentials, type Client, Metadata, status } from "@grpc/grpc-js";
import { optimizer } from "@superbatch/contracts";
import { createNames, hostileTexts, isFault, type Names, rawClient, send, textFields } from "@superbatch/fuzz";
import { type ClientHandle, createClient, readSecret } from "@superbatch/rpc";
import type { SpawnedService } from "@superbatch/rpc/testing";
import { type PostgresServer, startPostgres } from "@superbatch/store/testing/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary.ts";
import { prepareSecured, type Secured, type SecuredServices, secured, tokens } from "./secured-services.ts";

/** The optimizer over either store: what one takes as text may be none for the other. */
type Target = Secured | "optimizer over PostgreSQL";
const targets: readonly Target[] = [...secured, "optimizer over PostgreSQL"];

const folder = temporaryFolder();
const postgres: PostgresServer | undefined = await startPostgres();
const running = new Map<Target, SpawnedService>();
let services: SecuredServices;

beforeAll(async () => {
  services = await prepareSecured(folder.path);
  const start = async (target: Target, name: Secured, ...flags: string[]) =>
    running.set(target, await services.start(name, ...flags));
  await Promise.all([
    start("optimizer", "optimizer", "--store", `sqlite:${folder.path}/store.sqlite`),
    start("surrogate-model", "surrogate-model", "--threads", "1"),
    start("importance-sampler", "importance-sampler"),
    start("trainer", "trainer"),
    postgres && start("optimizer over PostgreSQL", "optimizer", "--store", await postgres.createDatabase()),
  ]);
}, 180_000);
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await postgres?.stop();
  folder[Symbol.dispose]();
});

const token = tokens.everywhere;
const nameOf = (target: Target): Secured => (target === "optimizer over PostgreSQL" ? "optimizer" : target);

function optimizerOf(target: Target): ClientHandle<typeof optimizer.OptimizerServiceDefinition> {
  const { authority } = services;
  return createClient(optimizer.OptimizerServiceDefinition, running.get(target)!.address, { authority, token });
}

/** A study and a leased trial that the requests name, so that they have something to do harm to. @returns another study, which they do not name. */
async function inhabit(target: Target, names: Names): Promise<optimizer.Study | undefined> {
  if (nameOf(target) !== "optimizer") return undefined;
  const { client, close } = optimizerOf(target);
  const rate = { name: "rate", domain: { $case: "float" as const, value: { min: 0, max: 1 } } };
  const algorithm = { kind: { $case: "random" as const, value: {} } };
  const spec = { space: { parameters: [rate] }, objective: { metric: "error" }, algorithm };
  const { study } = await client.createStudy({ studyId: "victim", study: { spec } });
  const { leases } = await client.leaseTrials({ study: study!.name, worker: "w", waitSeconds: 20 });
  names.add("study", study!.name);
  names.add("trial", leases[0]!.trial!.name);
  names.add("lease_id", leases[0]!.leaseId);
  const { study: bystander } = await client.createStudy({ studyId: "bystander", study: { spec } });
  close();
  return bystander;
}

async function attack(target: Target, client: Client, names: Names) {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  const fields = textFields(names).filter(({ called }) => called.service === nameOf(target));
  const attacks = fields.flatMap((field) => hostileTexts.map((text) => ({ field, text })));
  const codes = new Map<string, number>();
  const faults: string[] = [];
  const work = async () => {
    for (let next = attacks.pop(); next; next = attacks.pop()) {
      const { field, text } = next;
      // Names are not learnt from answers: every request is aimed at the same victim.
      const outcome = await send(client, field.called, [field.request(text)], createNames(), metadata);
      codes.set(status[outcome.code], (codes.get(status[outcome.code]) ?? 0) + 1);
      if (isFault(outcome))
        faults.push(
          `${field.called.path} ${field.path} ${JSON.stringify(text.slice(0, 40))}: ${status[outcome.code]} ${outcome.details}`,
        );
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return { fields: fields.length, codes, faults };
}

describe.each(targets)("every text field of %s", (target) => {
  it.skipIf(target === "optimizer over PostgreSQL" && !postgres)(
    "takes paths, SQL and whatever else means harm as the text that it is",
    async () => {
      const names = createNames();
      const before = await inhabit(target, names);
      const files = readdirSync(folder.path).sort();
      const authority = readSecret("authority", services.authority);
      const client = rawClient(running.get(target)!.address, ChannelCredentials.createSsl(authority));
      const { fields, codes, faults } = await attack(target, client, names);
      client.close();
      expect(fields).toBeGreaterThan(0);
      expect(faults).toEqual([]);
      const expected = [
        "OK",
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "FAILED_PRECONDITION",
        "CANCELLED",
        "RESOURCE_EXHAUSTED",
      ];
      expect(expected).toEqual(expect.arrayContaining([...codes.keys()]));
      expect(readdirSync(folder.path).sort()).toEqual(files);
      expect(existsSync("/tmp/owned")).toBe(false);
      if (!before) return;
      const handle = optimizerOf(target);
      const { study } = await handle.client.getStudy({ name: before.name });
      expect(study!.spec!.space).toEqual(before.spec!.space);
      handle.close();
    },
    240_000,
  );

  it.skipIf(nameOf(target) !== "optimizer" || (target !== "optimizer" && !postgres))(
    "gives labels back as they were",
    async () => {
      const { client, close } = optimizerOf(target);
      const rate = { name: "rate", domain: { $case: "float" as const, value: { min: 0, max: 1 } } };
      for (const text of hostileTexts.filter(({ length }) => length < 100)) {
        const spec = { space: { parameters: [rate] }, objective: { metric: "error" }, labels: { text } };
        const { study } = await client.createStudy({ study: { spec } });
        const { study: found } = await client.getStudy({ name: study!.name });
        expect(found!.spec!.labels).toEqual({ text });
      }
      close();
    },
  );
});

describe("the audit log", () => {
  it("has one event a line, whatever the names in it hold", () => {
    for (const line of services.auditLines()) expect(JSON.parse(line)).toMatchObject({ log: "audit" });
  });
});
