import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SpawnedService, spawnService, writeCertificate } from "@superbatch/rpc/testing";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export const secured = ["optimizer", "surrogate-model", "importance-sampler", "trainer"] as const;
export type Secured = (typeof secured)[number];

const token = (name: string) => `${name}-token-0123456789abcdef`;

/** Bearer tokens of the principals' file. */
export const tokens = {
  owner: token("owner"),
  reader: token("reader"),
  elsewhere: token("elsewhere"),
  nobody: token("nobody"),
  everywhere: token("everywhere"),
  expired: token("expired"),
};

const principals = [
  { id: "owner", token: tokens.owner, roles: { default: "owner" } },
  { id: "reader", token: tokens.reader, roles: { default: "reader" } },
  { id: "elsewhere", token: tokens.elsewhere, roles: { other: "owner" } },
  { id: "everywhere", token: tokens.everywhere, roles: { "*": "owner" } },
  { id: "nobody", token: tokens.nobody, roles: {} },
  { id: "expired", token: tokens.expired, roles: { "*": "owner" }, expires: "2020-01-01T00:00:00Z" },
  { id: "by-certificate", certificate: "cn:client", roles: { default: "owner" } },
];

const issuer = "https://login.example.org";

/** The real services as processes over TLS, with principals, an identity provider's keys, and an audit file each. */
export interface SecuredServices extends AsyncDisposable {
  readonly folder: string;
  start(name: Secured, ...flags: string[]): Promise<SpawnedService>;
  /** Signs a token of the identity provider, or with `foreign` one of somebody else's key. */
  sign(claims: { readonly expires?: string; readonly audience?: string; readonly foreign?: boolean }): Promise<string>;
  /** PEM files of a client certificate. */
  certificate(name: "client" | "unlisted" | "stranger"): { readonly certificate: string; readonly key: string };
  readonly authority: string;
  auditLines(): string[];
  /** All that the services have logged so far. */
  logged(): string;
}

export async function prepareSecured(folder: string): Promise<SecuredServices> {
  const file = (name: string) => join(folder, name);
  const authority = await writeCertificate(folder, "authority");
  await Promise.all([
    writeCertificate(folder, "server", authority),
    writeCertificate(folder, "client", authority),
    writeCertificate(folder, "unlisted", authority),
    writeCertificate(folder, "stranger"),
  ]);
  writeFileSync(file("principals.json"), JSON.stringify({ principals }));
  const [own, foreign] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
  const publicKey = { ...(await exportJWK(own.publicKey)), kid: "1", alg: "ES256" };
  writeFileSync(file("jwks.json"), JSON.stringify({ keys: [publicKey] }));

  const started: { readonly service: SpawnedService; readonly audit: string }[] = [];
  const common = [
    ...["--tls-certificate", file("server.pem"), "--tls-key", file("server.key")],
    ...["--principals-file", file("principals.json")],
    ...["--oidc-issuer", issuer, "--oidc-audience", "superbatch", "--oidc-jwks", file("jwks.json")],
    // The most that they would ever say.
    ...["--max-message-mebibytes", "1", "--log-level", "trace"],
  ];
  return {
    folder,
    authority: file("authority.pem"),
    certificate: (name) => ({ certificate: file(`${name}.pem`), key: file(`${name}.key`) }),
    async start(name, ...flags) {
      const audit = file(`audit-${started.length}.log`);
      const main = new URL(`../../../../services/${name}/src/main.ts`, import.meta.url);
      const own = { trainer: ["--no-lease", "--no-download", "--backend", "wasm"] }[name as string] ?? [];
      const service = await spawnService(main, { flags: [...common, "--audit-file", audit, ...own, ...flags] });
      started.push({ service, audit });
      return service;
    },
    async sign({ expires = "5m", audience = "superbatch", foreign: forged = false }) {
      return new SignJWT({ superbatch_roles: { default: "owner" } })
        .setProtectedHeader({ alg: "ES256", kid: "1" })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject("ada")
        .setExpirationTime(expires)
        .sign(forged ? foreign.privateKey : own.privateKey);
    },
    auditLines: () => started.flatMap(({ audit }) => readFileSync(audit, "utf8").split("\n").filter(Boolean)),
    logged: () => started.map(({ service }) => service.stderr()).join("\n"),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map(({ service }) => service.end()));
    },
  };
}
