import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectHttp2, constants } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { optimizer, sampler, surrogate, trainer } from "@superbatch/contracts";
import { type ClientOptions, createClient, parseAddress, reasonOf, Status, statusOf } from "@superbatch/rpc";
import type { SpawnedService } from "@superbatch/rpc/testing";
import { HealthDefinition } from "nice-grpc-server-health";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary.ts";
import { prepareSecured, type Secured, type SecuredServices, secured, tokens } from "./secured-services.ts";

const folder = temporaryFolder();
let services: SecuredServices;
let running: Record<Secured, SpawnedService>;
let mutual: Record<"optimizer" | "surrogate-model", SpawnedService>;
let slow: SpawnedService;
let jwt: { good: string; expired: string; forged: string; elsewhere: string };

beforeAll(async () => {
  services = await prepareSecured(folder.path);
  const store = (name: string) => ["--store", `sqlite:${join(folder.path, name)}`];
  const ofAuthority = ["--tls-client-authority", services.authority];
  const [one, two, three, four, five, six, seven] = await Promise.all([
    services.start("optimizer", ...store("store.sqlite")),
    services.start("surrogate-model", "--threads", "1"),
    services.start("importance-sampler"),
    services.start("trainer"),
    services.start("optimizer", ...store("mutual.sqlite"), ...ofAuthority),
    services.start("surrogate-model", "--threads", "1", ...ofAuthority),
    services.start(
      "importance-sampler",
      "--handshake-seconds",
      "1",
      "--request-seconds",
      "1",
      "--idle-connection-seconds",
      "1",
    ),
  ]);
  running = { optimizer: one, "surrogate-model": two, "importance-sampler": three, trainer: four };
  mutual = { optimizer: five, "surrogate-model": six };
  slow = seven;
  jwt = {
    good: await services.sign({}),
    expired: await services.sign({ expires: "-1h" }),
    forged: await services.sign({ foreign: true }),
    elsewhere: await services.sign({ audience: "elsewhere" }),
  };
}, 180_000);
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Calls of each service: one that looks, one that works, and one whose message is larger than the service takes. */
const calls: Record<
  Secured,
  (address: string, options: ClientOptions) => Record<"read" | "work" | "oversized", () => Promise<unknown>>
> = {
  optimizer(address, options) {
    const { client, close } = createClient(optimizer.OptimizerServiceDefinition, address, options);
    const study = "projects/default/studies/none";
    return closing(close, {
      read: () => client.listStudies({}),
      work: () => client.leaseTrials({ study, worker: "w" }),
      oversized: () => client.leaseTrials({ study, worker: "w".repeat(2 ** 20 + 1) }),
    });
  },
  "surrogate-model"(address, options) {
    const { client, close } = createClient(surrogate.SurrogateServiceDefinition, address, options);
    return closing(close, {
      read: () => client.describe({}),
      work: () => client.release({ model: "none" }),
      oversized: () => client.release({ model: "m".repeat(2 ** 20 + 1) }),
    });
  },
  "importance-sampler"(address, options) {
    const { client, close } = createClient(sampler.SamplerServiceDefinition, address, options);
    return closing(close, {
      // The sampler has nothing for readers: only who trains has sessions.
      read: () => client.closeSession({ session: "none" }),
      work: () => client.closeSession({ session: "none" }),
      oversized: () => client.closeSession({ session: "s".repeat(2 ** 20 + 1) }),
    });
  },
  trainer(address, options) {
    const { client, close } = createClient(trainer.TrainerServiceDefinition, address, options);
    const train = async (name: string) => {
      for await (const _ of client.train({ parameters: { [name]: { kind: { $case: "number", value: 1 } } } }));
    };
    return closing(close, {
      read: () => client.describe({}),
      work: () => train("no such parameter"),
      oversized: () => train("x".repeat(2 ** 20 + 1)),
    });
  },
};

function closing<Calls extends Record<string, () => Promise<unknown>>>(close: () => void, given: Calls): Calls {
  const wrapped = Object.entries(given).map(([name, call]) => [name, () => call().finally(close)]);
  return Object.fromEntries(wrapped) as Calls;
}

type Call = "read" | "work" | "oversized";
/** `CODE REASON` of a call; OK if the service took it, whatever came of it. */
async function outcome(name: Secured, options: ClientOptions, call: Call, address = running[name].address) {
  const given = { authority: services.authority, retry: { calls: "none" }, deadlineSeconds: 20, ...options } as const;
  const error = await calls[name](address, given)
    [call]()
    .then(
      () => undefined,
      (caught: unknown) => caught,
    );
  if (error === undefined) return "OK";
  const code = statusOf(error);
  const refused = code === undefined ? String(error) : Status[code];
  const reason = reasonOf(error);
  return reason === undefined ? refused : `${refused} ${reason}`;
}

/** What a service says to a call that it would grant: that what it names is not there, or nothing. */
const granted = /^(OK|NOT_FOUND \w+|INVALID_ARGUMENT INVALID_FIELDS)$/;

const table: readonly [string, () => ClientOptions, Call, string | RegExp][] = [
  ["a good token", () => ({ token: tokens.owner }), "work", granted],
  ["a good token of the identity provider", () => ({ token: jwt.good }), "work", granted],
  ["no token", () => ({}), "work", "UNAUTHENTICATED TOKEN_MISSING"],
  ["no token, only to look", () => ({}), "read", "UNAUTHENTICATED TOKEN_MISSING"],
  ["a wrong token", () => ({ token: "wrong-token-0123456789abcdef" }), "work", "UNAUTHENTICATED TOKEN_INVALID"],
  ["part of a token", () => ({ token: tokens.owner.slice(0, -1) }), "work", "UNAUTHENTICATED TOKEN_INVALID"],
  ["an expired token", () => ({ token: tokens.expired }), "work", "UNAUTHENTICATED TOKEN_EXPIRED"],
  ["an expired token of the provider", () => ({ token: jwt.expired }), "work", "UNAUTHENTICATED TOKEN_EXPIRED"],
  ["a token that another key signed", () => ({ token: jwt.forged }), "work", "UNAUTHENTICATED TOKEN_INVALID"],
  ["a token for another audience", () => ({ token: jwt.elsewhere }), "work", "UNAUTHENTICATED TOKEN_INVALID"],
  ["the role of a reader", () => ({ token: tokens.reader }), "work", "PERMISSION_DENIED PERMISSION_DENIED"],
  ["no role at all", () => ({ token: tokens.nobody }), "read", "PERMISSION_DENIED PERMISSION_DENIED"],
  ["plain text to the TLS port", () => ({ authority: undefined, token: tokens.owner }), "read", "UNAVAILABLE"],
  [
    "trust in another authority",
    () => ({ authority: services.certificate("stranger").certificate, token: tokens.owner }),
    "read",
    "UNAVAILABLE",
  ],
  ["an oversized message", () => ({ token: tokens.owner }), "oversized", "RESOURCE_EXHAUSTED"],
];

describe.each(secured)("%s", (name) => {
  it.each(table)("%s", async (_, options, call, expected) => {
    const result = await outcome(name, options(), call);
    if (typeof expected === "string") expect(result).toBe(expected);
    else expect(result).toMatch(expected);
  });

  it("tells probes without a token that it lives, and nobody else what it serves", async () => {
    const { authority } = services;
    const { client, close } = createClient(HealthDefinition, running[name].address, { authority });
    expect(await client.check({ service: "liveness" })).toEqual({ status: 1 });
    close();
  });
});

describe("the project in a name", () => {
  it("decides, before anybody looks whether what is named exists", async () => {
    expect(await outcome("optimizer", { token: tokens.elsewhere }, "read")).toBe("PERMISSION_DENIED PERMISSION_DENIED");
    expect(await outcome("optimizer", { token: tokens.elsewhere }, "work")).toBe("PERMISSION_DENIED PERMISSION_DENIED");
  });
});

describe.each(["optimizer", "surrogate-model"] as const)("%s with mutual TLS", (name) => {
  it.each<[string, () => ClientOptions, string | RegExp]>([
    ["a listed certificate", () => services.certificate("client"), granted],
    ["a certificate of another authority", () => services.certificate("stranger"), "UNAVAILABLE"],
    ["a certificate that nobody listed", () => services.certificate("unlisted"), "UNAUTHENTICATED CERTIFICATE_UNKNOWN"],
    ["no certificate, even with a token", () => ({ token: tokens.owner }), "UNAVAILABLE"],
    ["plain text", () => ({ authority: undefined }), "UNAVAILABLE"],
  ])("%s", async (_, options, expected) => {
    const result = await outcome(name, options(), "work", mutual[name].address);
    if (typeof expected === "string") expect(result).toBe(expected);
    else expect(result).toMatch(expected);
  });
});

describe("a caller that lets the service wait", () => {
  const closed = async (socket: Socket) => {
    socket.on("error", () => {});
    socket.resume();
    await once(socket, "close");
    return true;
  };

  it("in the middle of the handshake is sent away", async () => {
    const socket = connectTcp(parseAddress(slow.address));
    // The first bytes of a ClientHello, and then nothing.
    socket.write(Buffer.of(0x16, 3, 1));
    expect(await closed(socket)).toBe(true);
  });

  it("after the handshake, without a call, is sent away", async () => {
    const ca = readFileSync(services.authority);
    const socket = connectTls({ ...parseAddress(slow.address), ca, ALPNProtocols: ["h2"] });
    await once(socket, "secureConnect");
    expect(await closed(socket)).toBe(true);
  });

  it.each([
    ["sends no message", 0],
    ["sends its message byte by byte", 1],
  ])("in a call, since it %s, gets DEADLINE_EXCEEDED", async (_, pieces) => {
    const session = connectHttp2(`https://${slow.address}`, { ca: readFileSync(services.authority) });
    const call = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: "/superbatch.sampler.v1.SamplerService/GetSession",
      "content-type": "application/grpc",
      te: "trailers",
      authorization: `Bearer ${tokens.owner}`,
    });
    call.on("error", () => {});
    const statusOfHeaders = new Promise<string>((resolve) => {
      for (const event of ["response", "trailers"] as const)
        call.on(event, (headers: Record<string, unknown>) => {
          if (headers["grpc-status"] !== undefined) resolve(String(headers["grpc-status"]));
        });
    });
    // A message of 100 bytes, of which one comes every 0.2 s.
    const trickle = setInterval(() => pieces > 0 && !call.destroyed && call.write(Buffer.of(0)), 200);
    if (pieces > 0) call.write(Buffer.from([0, 0, 0, 0, 100]));
    call.resume();
    expect(await statusOfHeaders).toBe(String(Status.DEADLINE_EXCEEDED));
    clearInterval(trickle);
    session.destroy();
  });
});

describe("what is written down", () => {
  it("tells every refusal with who, what and why, one JSON line each", () => {
    const events = services.auditLines().map((line) => JSON.parse(line) as Record<string, unknown>);
    const refused = (reason: string) => events.filter((event) => event.reason === reason);
    for (const reason of ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "CERTIFICATE_UNKNOWN"])
      expect(refused(reason).length, reason).toBeGreaterThan(0);
    expect(refused("PERMISSION_DENIED").map(({ principal }) => principal)).toEqual(
      expect.arrayContaining(["reader", "nobody", "elsewhere"]),
    );
    for (const event of events)
      expect(event).toMatchObject({ log: "audit", method: expect.any(String), result: expect.any(String) });
  });

  it("holds no token and no key, at any level", () => {
    const secrets = [...Object.values(tokens), ...Object.values(jwt), "wrong-token-0123456789abcdef", "PRIVATE KEY"];
    const text = `${services.logged()}\n${services.auditLines().join("\n")}`;
    expect(text.length).toBeGreaterThan(1_000);
    for (const secret of secrets) expect(text.includes(secret), `a log holds ${secret.slice(0, 12)}…`).toBe(false);
  });
});
