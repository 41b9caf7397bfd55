import type { PeerCertificate } from "node:tls";
import { anonymous, digestToken, everyProject, type KnownPrincipal, type Principal } from "@superbatch/access";
import { rpcError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ServerConfig } from "../server-config.ts";
import { certificateNames } from "./certificate-names.ts";
import { createIdentityProvider } from "./identity-provider.ts";
import { watchPrincipals } from "./principals.ts";

/** What a call shows of its caller. */
export interface Credentials {
  /** Value of the metadata key `authorization`. */
  readonly authorization: string | undefined;
  /** The client's certificate, if TLS verified one. */
  readonly certificate: () => PeerCertificate | undefined;
}

/**
 * Says who calls: by the bearer token if there is one, otherwise by the client's certificate.
 *
 * @throws {RpcError} UNAUTHENTICATED, with the reason.
 */
export type Authenticate = (credentials: Credentials) => Principal | Promise<Principal>;

/** Milliseconds for which a verified token is not verified again; within them a change of keys or roles does not count. */
const trustMilliseconds = 30_000;
/** Verified tokens that are remembered. */
const trustLimit = 10_000;

/** @throws {ConfigError} if files are missing or wrong. */
export function createAuthenticator(config: ServerConfig, logger: Logger): Authenticate {
  const directory = watchPrincipals(config.principalsFile, logger);
  const provider = createIdentityProvider(config, directory, logger);
  const trusted = new Map<string, { readonly principal: Principal; readonly until: number }>();
  const named = config.principalsFile !== undefined || provider !== undefined;
  if (!named && config.tlsClientAuthority === undefined) return () => anonymous;

  async function verify(token: string, digest: string): Promise<Principal> {
    const earlier = trusted.get(digest);
    if (earlier && earlier.until > Date.now()) return earlier.principal;
    const { principal, expiresAt } = await provider!.principalOf(token);
    if (trusted.size >= trustLimit) trusted.delete(trusted.keys().next().value!);
    trusted.set(digest, { principal, until: Math.min(expiresAt, Date.now() + trustMilliseconds) });
    return principal;
  }

  function byCertificate(certificate: PeerCertificate): Principal {
    const names = certificateNames(certificate);
    // Without a list of principals the authority's word is all that counts.
    if (!named) return { id: names[0] ?? "certificate", roles: new Map([[everyProject, "owner"]]) };
    const { byCertificate: known } = directory();
    const found = names.map((name) => known.get(name)).find((principal) => principal !== undefined);
    if (!found) throw rpcError("CERTIFICATE_UNKNOWN", {});
    return current(found);
  }

  return ({ authorization, certificate }) => {
    if (authorization === undefined) {
      const shown = certificate();
      if (shown) return byCertificate(shown);
      throw rpcError("TOKEN_MISSING", {});
    }
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw rpcError("TOKEN_MISSING", {});
    // Looked up by its digest: how long that takes says nothing of the tokens that there are.
    const digest = digestToken(token);
    const known = directory().byToken.get(digest);
    if (known) return current(known);
    if (!provider) throw rpcError("TOKEN_INVALID", {});
    return verify(token, digest);
  };
}

function current(principal: KnownPrincipal): Principal {
  if (principal.expiresAt !== undefined && principal.expiresAt <= Date.now()) throw rpcError("TOKEN_EXPIRED", {});
  return principal;
}
