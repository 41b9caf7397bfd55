import { type Directory, everyProject, type Principal, roles as roleNames, rolesSchema } from "@superbatch/access";
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { isLoopback } from "../address.ts";
import { ConfigError } from "../config-error.ts";
import { type RpcError, rpcError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ServerConfig } from "../server-config.ts";
import { watchFile } from "../watched-file.ts";

export interface VerifiedToken {
  readonly principal: Principal;
  /** When the token ends, the clocks' tolerance included; milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Verifies tokens of an identity provider (OpenID Connect). */
export interface IdentityProvider {
  /** @throws {RpcError} TOKEN_INVALID, TOKEN_EXPIRED, or DEPENDENCY_UNAVAILABLE if the provider's keys cannot be had. */
  principalOf(token: string): Promise<VerifiedToken>;
}

type Settings = Pick<
  ServerConfig,
  "oidcIssuer" | "oidcAudience" | "oidcJwks" | "oidcRolesClaim" | "oidcClockToleranceSeconds"
>;

/** Signatures by a key pair only: whoever can verify such a token cannot make one. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/**
 * @param directory - roles of subjects that the operator names win over those in the token.
 * @returns undefined if no provider is configured.
 * @throws {ConfigError} for half a configuration, or keys that cannot be read.
 */
export function createIdentityProvider(
  settings: Settings,
  directory: () => Directory,
  logger: Logger,
): IdentityProvider | undefined {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwks: jwks } = settings;
  if (issuer === undefined && audience === undefined && jwks === undefined) return undefined;
  const missing = Object.entries({ "--oidc-issuer": issuer, "--oidc-audience": audience, "--oidc-jwks": jwks })
    .filter(([, value]) => value === undefined)
    .map(([flag]) => `${flag} is missing: --oidc-issuer, --oidc-audience and --oidc-jwks belong together`);
  if (missing.length > 0) throw new ConfigError(missing);
  const keys = keySet(jwks!, logger);
  const { oidcRolesClaim, oidcClockToleranceSeconds: clockTolerance } = settings;
  return {
    async principalOf(token) {
      try {
        const options = {
          issuer: issuer!,
          audience: audience!,
          clockTolerance,
          algorithms,
          requiredClaims: ["exp", "sub"],
        };
        const { payload } = await jwtVerify(token, keys(), options);
        const known = directory().bySubject.get(payload.sub!);
        const principal = known ?? { id: `oidc:${payload.sub!}`, roles: rolesOf(payload, oidcRolesClaim) };
        return { principal, expiresAt: (payload.exp! + clockTolerance) * 1000 };
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

function keySet(jwks: string, logger: Logger): () => JWTVerifyGetKey {
  if (/^https?:/.test(jwks)) {
    const url = new URL(jwks);
    if (url.protocol === "http:" && !isLoopback(url.hostname))
      throw new ConfigError([`--oidc-jwks: ${jwks} must be an https address: who forges the keys forges every caller`]);
    const remote = createRemoteJWKSet(url);
    return () => remote;
  }
  try {
    const file = watchFile(jwks, {
      parse: (text) => createLocalJWKSet(JSON.parse(text)),
      onError: (error) =>
        logger.error({ path: jwks, problem: (error as Error).message }, "the key set is wrong; that before stays"),
    });
    return () => file.current();
  } catch (error) {
    throw new ConfigError([`--oidc-jwks: ${jwks}: ${(error as Error).message}`]);
  }
}

/** The claim is an object, `{"vision": "trainer"}`, or a list of `project:role`, as groups are often written. Anything else in it counts for nothing. */
function rolesOf(payload: JWTPayload, claim: string): Principal["roles"] {
  const value = payload[claim];
  const pairs = Array.isArray(value)
    ? value.filter((item) => typeof item === "string").map((item) => item.split(":"))
    : Object.entries(value !== null && typeof value === "object" ? value : {});
  const valid = pairs.flatMap(([project = everyProject, role]) => {
    const parsed = rolesSchema.safeParse({ [project]: role });
    return parsed.success ? Object.entries(parsed.data) : [];
  });
  // Of several roles in one project the highest counts.
  return new Map(valid.sort(([, a], [, b]) => roleNames.indexOf(a) - roleNames.indexOf(b)));
}

function refusal(error: unknown): RpcError {
  if (error instanceof errors.JWTExpired) return rpcError("TOKEN_EXPIRED", {}, { cause: error });
  // All that jose says of a token; what else is thrown, the key set's fetch throws.
  const unreachable =
    error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError) || error.code === "ERR_JOSE_GENERIC";
  if (!unreachable) return rpcError("TOKEN_INVALID", {}, { cause: error });
  const options = { retryAfterSeconds: 1, cause: error };
  return rpcError("DEPENDENCY_UNAVAILABLE", { dependency: "the identity provider", detail: "its keys" }, options);
}
