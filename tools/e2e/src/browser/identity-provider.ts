import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

export const clientId = "superbatch-dashboard";
export const clientSecret = "only-the-dashboard-knows-this-0123456789";

/** A real OpenID Connect provider with its own pages, which logs in whoever names themselves. */
export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  /** Its public keys as a JWKS. */
  readonly keys: string;
  /** How long the next id tokens hold, seconds. */
  tokenSeconds: number;
  /** Roles that id tokens carry, by project. */
  roles: Readonly<Record<string, string>>;
}

/** @param redirectUri - the one place that it sends people back to */
export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const described = { kid: "1", alg: "RS256", use: "sig" };
  const server = createServer();
  // By another name than the dashboard's, so that browsers take them for two sites.
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider: IdentityProvider = {
    issuer,
    keys: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...described }] }),
    tokenSeconds: 3600,
    roles: { "*": "owner" },
    [Symbol.asyncDispose]: () => close(server),
  };
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        token_endpoint_auth_method: "client_secret_post",
        redirect_uris: [redirectUri],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), ...described }] },
    pkce: { required: () => true },
    claims: { openid: ["sub", "superbatch_roles"] },
    conformIdTokenClaims: false,
    ttl: { IdToken: () => provider.tokenSeconds, AccessToken: 600, Grant: 3600, Interaction: 600, Session: 3600 },
    cookies: { keys: ["signs the provider's own cookies"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, superbatch_roles: provider.roles }),
    }),
  });
  server.on("request", oidc.callback());
  return provider;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
