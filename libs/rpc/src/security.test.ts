import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { surrogate } from "@superbatch/contracts";
import { HealthDefinition } from "nice-grpc-server-health";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reasonOf, statusOf } from "./error-details.ts";
import { type ClientOptions, ConfigError, type ServerConfig, Status } from "./index.ts";
import { implement } from "./service.ts";
import { startTestService, type TestService } from "./testing/index.ts";

let folder: string;
const file = (name: string) => join(folder, name);

/** Writes NAME.pem and NAME.key, signed by AUTHORITY, or by itself. */
async function certificate(name: string, authority?: { cert: string; key: string }) {
  const pair = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: authority === undefined },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
    ...(authority && { ca: authority }),
  });
  writeFileSync(file(`${name}.pem`), pair.cert);
  writeFileSync(file(`${name}.key`), pair.private);
  return { cert: pair.cert, key: pair.private };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "security-"));
  const authority = await certificate("authority");
  await Promise.all([certificate("server", authority), certificate("client", authority), certificate("stranger")]);
  writeFileSync(file("tokens"), "# trainers\nfirst-token\n\nsecond-token\n");
  writeFileSync(file("token"), "second-token\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(config: Partial<ServerConfig>): Promise<TestService> {
  const answer = async () => ({});
  const handlers = { describe: answer, fit: answer, posterior: answer, release: answer };
  return startTestService([implement(surrogate.SurrogateServiceDefinition, handlers)], { config });
}

/** OK, or the code with which a call is refused. */
async function outcome(service: TestService, options: ClientOptions): Promise<Status | undefined> {
  const client = service.client(surrogate.SurrogateServiceDefinition, { retry: { calls: "none" }, ...options });
  return client.describe({}).then(() => Status.OK, statusOf);
}

const tls = () => ({ tlsCertificate: file("server.pem"), tlsKey: file("server.key") });

describe("tokens", () => {
  it("are wanted of every call but health checks", async () => {
    await using service = await start({ tokensFile: file("tokens") });
    const ask = (options: ClientOptions) =>
      service
        .client(surrogate.SurrogateServiceDefinition, options)
        .describe({})
        .then(() => "OK", reasonOf);
    expect(await ask({})).toBe("TOKEN_MISSING");
    expect(await ask({ token: "third-token" })).toBe("TOKEN_INVALID");
    expect(await ask({ token: "first-toke" })).toBe("TOKEN_INVALID");
    expect(await ask({ token: "# trainers" })).toBe("TOKEN_INVALID");
    expect(await ask({ token: "first-token" })).toBe("OK");
    expect(await ask({ tokenFile: file("token") })).toBe("OK");
    expect(await service.client(HealthDefinition).check({ service: "" })).toEqual({ status: 1 });
  });

  it("are never none", async () => {
    writeFileSync(file("empty"), "# nothing\n");
    await expect(start({ tokensFile: file("empty") })).rejects.toThrow(ConfigError);
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
      { tokensFile: file("tokens") },
      { tlsClientAuthority: file("authority.pem") },
      { insecure: true },
    ]) {
      await using service = await start({ listen, ...tls(), ...known });
      expect(service.service.state).toBe("ready");
    }
  });

  it("wants a client's certificate when told to", async () => {
    await using service = await start({ ...tls(), tlsClientAuthority: file("authority.pem") });
    const authority = file("authority.pem");
    const as = (name: string) => ({ authority, certificate: file(`${name}.pem`), key: file(`${name}.key`) });
    expect(await outcome(service, as("client"))).toBe(Status.OK);
    expect(await outcome(service, as("stranger"))).toBe(Status.UNAVAILABLE);
    expect(await outcome(service, { authority })).toBe(Status.UNAVAILABLE);
  });

  it.each<[string, () => Partial<ServerConfig>, string]>([
    ["a certificate without a key", () => ({ tlsCertificate: file("server.pem") }), "--tls-key"],
    ["a key without a certificate", () => ({ tlsKey: file("server.key") }), "--tls-certificate"],
    ["an authority without either", () => ({ tlsClientAuthority: file("authority.pem") }), "--tls-client-authority"],
    ["a file that is not there", () => ({ ...tls(), tlsKey: file("nothing") }), "--tls-key"],
  ])("refuses to start with %s", async (_, config, name) => {
    await expect(start(config())).rejects.toThrow(name);
    await expect(start(config())).rejects.toThrow(ConfigError);
  });
});
