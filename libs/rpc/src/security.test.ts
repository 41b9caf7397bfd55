import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sampler, surrogate } from "@superbatch/contracts";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { HealthDefinition } from "nice-grpc-server-health";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { reasonOf, retryAfterSeconds, statusOf } from "./error-details.ts";
import { type ClientOptions, ConfigError, type ServerConfig, Status } from "./index.ts";
import { implement } from "./service.ts";
import { startTestService, type TestService, writeCertificate } from "./testing/index.ts";

let folder: string;
const file = (name: string) => join(folder, name);

const tokens = {
  trainer: "trainer-token-0123456789",
  reader: "reader-token-0123456789",
  old: "old-token-0123456789012",
};

const principals = (list: readonly object[]) => JSON.stringify({ principals: list });
const usual = [
  { id: "trainer-1", token: tokens.trainer, roles: { default: "trainer" } },
  { id: "reader-1", token: tokens.reader, roles: { default: "reader" } },
  { id: "old", token: tokens.old, roles: { "*": "owner" }, expires: "2020-01-01T00:00:00Z" },
  { id: "by-certificate", certificate: "cn:client", roles: { "*": "trainer" } },
  { id: "by-subject", subject: "listed", roles: { "*": "trainer" } },
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "security-"));
  const authority = await writeCertificate(folder, "authority");
  await Promise.all([
    writeCertificate(folder, "server", authority),
    writeCertificate(folder, "client", authority),
    writeCertificate(folder, "unlisted", authority),
    writeCertificate(folder, "stranger"),
  ]);
  writeFileSync(file("principals"), principals(usual));
  writeFileSync(file("token"), `${tokens.trainer}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A surrogate whose calls answer with nothing, but for what `handlers` says. */
async function start(config: Partial<ServerConfig>, describe = async () => ({})): Promise<TestService> {
  const answer = async () => ({});
  const handlers = { describe, fit: answer, posterior: answer, release: answer };
  return startTestService([implement(surrogate.SurrogateServiceDefinition, handlers)], { config });
}

const clientOf = (service: TestService, options: ClientOptions) =>
  service.client(surrogate.SurrogateServiceDefinition, { retry: { calls: "none" }, ...options });

/** OK, or the code with which a call is refused. */
async function outcome(service: TestService, options: ClientOptions): Promise<Status | undefined> {
  return clientOf(service, options)
    .describe({})
    .then(() => Status.OK, statusOf);
}

/** OK, or the reason with which a call is refused. */
async function reason(service: TestService, options: ClientOptions, call: "describe" | "fit" = "describe") {
  return clientOf(service, options)
    [call]({})
    .then(() => "OK", reasonOf);
}

const tls = () => ({ tlsCertificate: file("server.pem"), tlsKey: file("server.key") });

describe("tokens", () => {
  it("are wanted of every call but health checks, and give their roles", async () => {
    await using service = await start({ principalsFile: file("principals") });
    expect(await reason(service, {})).toBe("TOKEN_MISSING");
    expect(await reason(service, { token: "third-token" })).toBe("TOKEN_INVALID");
    expect(await reason(service, { token: tokens.trainer.slice(1) })).toBe("TOKEN_INVALID");
    expect(await reason(service, { token: tokens.old })).toBe("TOKEN_EXPIRED");
    expect(await reason(service, { token: tokens.trainer }, "fit")).toBe("OK");
    expect(await reason(service, { tokenFile: file("token") }, "fit")).toBe("OK");
    expect(await reason(service, { token: tokens.reader })).toBe("OK");
    expect(await reason(service, { token: tokens.reader }, "fit")).toBe("PERMISSION_DENIED");
    expect(await service.client(HealthDefinition).check({ service: "" })).toEqual({ status: 1 });
  });

  it("are read again when their file changes, and stay while it is wrong", async () => {
    const path = file("changing");
    writeFileSync(path, principals(usual.slice(0, 1)));
    await using service = await start({ principalsFile: path });
    const until = async (token: string, wanted: string) => {
      while ((await reason(service, { token })) !== wanted) await sleep(50);
    };
    expect(await reason(service, { token: tokens.reader })).toBe("TOKEN_INVALID");
    writeFileSync(file("next"), principals(usual.slice(1, 2)));
    renameSync(file("next"), path);
    await until(tokens.reader, "OK");
    expect(await reason(service, { token: tokens.trainer })).toBe("TOKEN_INVALID");
    writeFileSync(path, "principals: [");
    await sleep(1_100);
    expect(await reason(service, { token: tokens.reader })).toBe("OK");
  });

  it.each([
    ["nobody", "principals: []", "principals"],
    ["a short token", principals([{ id: "a", token: "short", roles: {} }]), "principals[0].token"],
    [
      "an unknown role",
      principals([{ id: "a", token: tokens.old, roles: { default: "king" } }]),
      "principals[0].roles.default",
    ],
    ["a project that cannot be", principals([{ id: "a", token: tokens.old, roles: { "../x": "owner" } }]), "roles"],
    [
      "one token for two",
      principals([0, 1].map((id) => ({ id: `${id}`, token: tokens.old, roles: {} }))),
      "same token",
    ],
    ["text that is not YAML", `principals: [ "${tokens.old}`, "is not YAML"],
  ])("are refused in a file with %s, which is not quoted", async (_, content, problem) => {
    writeFileSync(file("wrong"), content);
    const error = await start({ principalsFile: file("wrong") }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain("--principals-file");
    expect(String(error)).toContain(problem);
    expect(String(error)).not.toContain(tokens.old);
  });
});

describe("tokens of an identity provider", () => {
  const issuer = "https://login.example.org";
  const claims = { superbatch_roles: { default: "trainer", "Not a project": "owner" } };
  let sign: (payload: Record<string, unknown>, expires?: string, issuedBy?: string) => Promise<string>;
  let config: Partial<ServerConfig>;
  beforeAll(async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    writeFileSync(
      file("jwks"),
      JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] }),
    );
    sign = ({ sub = "ada", aud = "superbatch", ...payload }, expires = "5m", issuedBy = issuer) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg: "ES256", kid: "1" })
        .setIssuer(issuedBy)
        .setAudience(aud as string)
        .setSubject(sub as string)
        .setExpirationTime(expires)
        .sign(privateKey);
    config = {
      oidcIssuer: issuer,
      oidcAudience: "superbatch",
      oidcJwks: file("jwks"),
      principalsFile: file("principals"),
    };
  });

  it("count by signature, issuer, audience and time, with the roles that they state or the operator gives", async () => {
    await using service = await start(config);
    const fit = async (token: string) => reason(service, { token }, "fit");
    const good = await sign(claims);
    expect(await fit(good)).toBe("OK");
    expect(await fit(await sign({ superbatch_roles: ["other:reader", "other:trainer", "nonsense"] }))).toBe("OK");
    expect(await fit(await sign({ superbatch_roles: { default: "reader" } }))).toBe("PERMISSION_DENIED");
    expect(await fit(await sign({}))).toBe("PERMISSION_DENIED");
    expect(await fit(await sign({ sub: "listed" }))).toBe("OK");
    expect(await fit(await sign(claims, "-5m"))).toBe("TOKEN_EXPIRED");
    expect(await fit(await sign({ ...claims, aud: "elsewhere" }))).toBe("TOKEN_INVALID");
    expect(await fit(await sign(claims, "5m", "https://evil.example.org"))).toBe("TOKEN_INVALID");
    const [head, body] = good.split(".");
    expect(await fit(`${head}.${body}.AAAA`)).toBe("TOKEN_INVALID");
    const unsigned = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    expect(await fit(`${unsigned}.${body}.`)).toBe("TOKEN_INVALID");
  });

  it("are verified by keys at an address, and by new ones once the provider has renewed them", async () => {
    const [first, second] = [await generateKeyPair("ES256"), await generateKeyPair("ES256")];
    const published = async ({ publicKey }: typeof first, kid: string) => ({
      ...(await exportJWK(publicKey)),
      kid,
      alg: "ES256",
    });
    let keys = [await published(first, "first")];
    let fetched = 0;
    const provider = createServer((_, response) => {
      fetched++;
      response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = provider.address() as AddressInfo;
      await using service = await start({ ...config, oidcJwks: `http://127.0.0.1:${port}/keys` });
      const signed = ({ privateKey }: typeof first, kid: string) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "ES256", kid })
          .setIssuer(issuer)
          .setAudience("superbatch")
          .setSubject("ada")
          .setExpirationTime("5m")
          .sign(privateKey);
      expect(await reason(service, { token: await signed(first, "first") }, "fit")).toBe("OK");
      expect(await reason(service, { token: await signed(first, "first") }, "fit")).toBe("OK");
      expect(fetched).toBe(1);
      keys = [await published(second, "second")];
      // Unknown keys are looked for again, but not at once: made-up ones would keep the provider busy.
      expect(await reason(service, { token: await signed(second, "second") }, "fit")).toBe("TOKEN_INVALID");
      expect(fetched).toBe(1);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
      expect(await reason(service, { token: await signed(second, "second") }, "fit")).toBe("OK");
      expect(await reason(service, { token: await signed(first, "first") }, "fit")).toBe("TOKEN_INVALID");
    } finally {
      vi.useRealTimers();
      provider.close();
    }
  });

  it("tell that the provider's keys cannot be had", async () => {
    await using service = await start({ ...config, oidcJwks: "http://127.0.0.1:1/keys" });
    expect(await reason(service, { token: await sign(claims) })).toBe("DEPENDENCY_UNAVAILABLE");
  });

  it.each<[string, Partial<ServerConfig>, string]>([
    ["half of the settings", { oidcIssuer: issuer }, "--oidc-audience is missing"],
    [
      "keys that anybody could forge",
      { oidcIssuer: issuer, oidcAudience: "a", oidcJwks: "http://example.org/keys" },
      "https",
    ],
    ["a file that is not there", { oidcIssuer: issuer, oidcAudience: "a", oidcJwks: "/nowhere/keys" }, "--oidc-jwks"],
  ])("are not taken with %s", async (_, given, problem) => {
    await expect(start(given)).rejects.toThrow(problem);
  });
});

describe("TLS", () => {
  it("lets in who trusts the authority, and nobody in the clear", async () => {
    await using service = await start(tls());
    expect(await outcome(service, { authority: file("authority.pem") })).toBe(Status.OK);
    expect(await outcome(service, { authority: file("stranger.pem") })).toBe(Status.UNAVAILABLE);
    expect(await outcome(service, {})).toBe(Status.UNAVAILABLE);
  });

  it("allows to listen beyond loopback, if callers must say who they are", async () => {
    const listen = "0.0.0.0:0";
    await expect(start({ listen, ...tls() })).rejects.toThrow("any machine could call");
    for (const known of [
      { principalsFile: file("principals") },
      { tlsClientAuthority: file("authority.pem") },
      { insecure: true },
    ]) {
      await using service = await start({ listen, ...tls(), ...known });
      expect(service.service.state).toBe("ready");
    }
  });

  it("wants a client's certificate when told to, and knows principals by it", async () => {
    const authority = file("authority.pem");
    const as = (name: string) => ({ authority, certificate: file(`${name}.pem`), key: file(`${name}.key`) });
    await using any = await start({ ...tls(), tlsClientAuthority: authority });
    expect(await outcome(any, as("unlisted"))).toBe(Status.OK);
    expect(await outcome(any, as("stranger"))).toBe(Status.UNAVAILABLE);
    expect(await outcome(any, { authority })).toBe(Status.UNAVAILABLE);
    await using listed = await start({ ...tls(), tlsClientAuthority: authority, principalsFile: file("principals") });
    expect(await reason(listed, as("client"), "fit")).toBe("OK");
    expect(await reason(listed, as("unlisted"), "fit")).toBe("CERTIFICATE_UNKNOWN");
    // A token says more than the certificate below it.
    expect(await reason(listed, { ...as("client"), token: tokens.reader }, "fit")).toBe("PERMISSION_DENIED");
  });

  it("takes new files without a restart, and stays with the old ones while key and certificate do not fit", async () => {
    for (const kind of ["pem", "key"]) writeFileSync(file(`live.${kind}`), readFileSync(file(`server.${kind}`)));
    await using service = await start({ tlsCertificate: file("live.pem"), tlsKey: file("live.key") });
    const trusting = { authority: file("authority.pem") };
    const standing = clientOf(service, trusting);
    await standing.describe({});
    await writeCertificate(folder, "renewed");
    writeFileSync(file("live.pem"), readFileSync(file("renewed.pem")));
    await sleep(2_200);
    expect(await outcome(service, trusting)).toBe(Status.OK);
    writeFileSync(file("live.key"), readFileSync(file("renewed.key")));
    while ((await outcome(service, { authority: file("renewed.pem") })) !== Status.OK) await sleep(100);
    expect(await outcome(service, trusting)).toBe(Status.UNAVAILABLE);
    await standing.describe({});
  });

  it.each<[string, () => Partial<ServerConfig>, string]>([
    ["a certificate without a key", () => ({ tlsCertificate: file("server.pem") }), "--tls-key"],
    ["a key without a certificate", () => ({ tlsKey: file("server.key") }), "--tls-certificate"],
    ["an authority without either", () => ({ tlsClientAuthority: file("authority.pem") }), "--tls-client-authority"],
    ["a file that is not there", () => ({ ...tls(), tlsKey: file("nothing") }), "--tls-key"],
    ["a key of another certificate", () => ({ ...tls(), tlsKey: file("client.key") }), "--tls-key"],
  ])("refuses to start with %s", async (_, config, name) => {
    await expect(start(config())).rejects.toThrow(name);
    await expect(start(config())).rejects.toThrow(ConfigError);
  });
});

describe("limits of a caller", () => {
  it("hold for requests in a second, and say when to come again", async () => {
    await using service = await start({ principalsFile: file("principals"), maxRequestsPerSecond: 3 });
    const client = clientOf(service, { token: tokens.trainer });
    const refused: unknown[] = [];
    for (let i = 0; i < 8; i++) await client.describe({}).catch((error: unknown) => refused.push(error));
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(reasonOf(refused[0])).toBe("RATE_LIMITED");
    expect(statusOf(refused[0])).toBe(Status.RESOURCE_EXHAUSTED);
    expect(retryAfterSeconds(refused[0])).toBeGreaterThan(0);
    expect(await reason(service, { token: tokens.reader })).toBe("OK");
  });

  it("hold for calls in flight, and are given back when a call ends", async () => {
    const gate = Promise.withResolvers<void>();
    await using service = await start({ principalsFile: file("principals"), maxCalls: 2 }, async () => {
      await gate.promise;
      return {};
    });
    const client = clientOf(service, { token: tokens.trainer });
    const leaving = new AbortController();
    const held = [client.describe({}), client.describe({}, { signal: leaving.signal })].map((call) =>
      call.catch(() => {}),
    );
    while ((await reason(service, { token: tokens.trainer }, "fit")) !== "CALL_LIMIT_EXCEEDED") await sleep(10);
    leaving.abort();
    while ((await reason(service, { token: tokens.trainer }, "fit")) !== "OK") await sleep(10);
    gate.resolve();
    await Promise.all(held);
  });

  it("end a stream that is opened and never sent anything", async () => {
    let cancelled = 0;
    const unused = async () => ({});
    await using service = await startTestService(
      [
        implement(sampler.SamplerServiceDefinition, {
          openSession: unused,
          getSession: unused,
          closeSession: unused,
          async *sample(requests) {
            try {
              for await (const _ of requests) yield {};
            } finally {
              cancelled++;
            }
          },
        }),
      ],
      { config: { requestSeconds: 0.2 } },
    );
    const silent = (async function* () {
      await sleep(60_000, undefined, { ref: false });
      yield {};
    })();
    const reading = (async () => {
      for await (const _ of service.client(sampler.SamplerServiceDefinition).sample(silent));
    })();
    expect(await reading.catch(reasonOf)).toBe("REQUEST_TIMEOUT");
    while (cancelled === 0) await sleep(10);
  });
});

describe("audit", () => {
  it("tells who did what with which result, and of every refusal, without secrets", async () => {
    const auditFile = file("audit");
    await using service = await start({ principalsFile: file("principals"), auditFile });
    await reason(service, { token: tokens.reader });
    await reason(service, { token: tokens.reader }, "fit");
    await reason(service, { token: "a-wrong-token-0123456789" });
    const text = readFileSync(auditFile, "utf8");
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      {
        log: "audit",
        principal: "reader-1",
        method: "superbatch.surrogate.v1.SurrogateService/Fit",
        result: "PERMISSION_DENIED",
        reason: "PERMISSION_DENIED",
      },
      { principal: "unknown", result: "UNAUTHENTICATED", reason: "TOKEN_INVALID" },
    ]);
    expect(text).not.toMatch(/token-0123456789/);
  });
});
