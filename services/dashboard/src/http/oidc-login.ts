import { readFileSync } from "node:fs";
import { ConfigError } from "@superbatch/rpc";
import * as oidc from "openid-client";
import type { DashboardConfig } from "../config.ts";

/** Logging in at an OpenID Connect issuer: the authorization code flow with PKCE. */
export interface OidcLogin {
  /** Where to send the browser, and what to keep until it comes back. */
  begin(): Promise<{ readonly url: string; readonly pending: PendingLogin }>;
  /** The caller's bearer token: the issuer's id token. @throws {Error} if the answer does not fit the login that was begun */
  finish(callbackPath: string, pending: PendingLogin): Promise<string>;
}

export interface PendingLogin {
  readonly state: string;
  readonly verifier: string;
}

export const oidcCallback = "/login/callback";

/** Undefined without an issuer in the configuration. @throws {ConfigError} if a key is missing, or the issuer cannot be reached */
export async function createOidcLogin(config: DashboardConfig): Promise<OidcLogin | undefined> {
  const { oidcIssuer, oidcClientId, oidcClientSecretFile, publicUrl } = config;
  if (oidcIssuer === undefined) return undefined;
  if (oidcClientId === undefined) throw new ConfigError(["--oidc-issuer needs --oidc-client-id"]);
  if (publicUrl === undefined)
    throw new ConfigError(["--oidc-issuer needs --public-url, to which people are sent back"]);
  const secret = oidcClientSecretFile === undefined ? undefined : readFileSync(oidcClientSecretFile, "utf8").trim();
  const insecure = new URL(oidcIssuer).protocol === "http:" ? { execute: [oidc.allowInsecureRequests] } : {};
  const issuer = await oidc
    .discovery(new URL(oidcIssuer), oidcClientId, secret, undefined, insecure)
    .catch((error: Error) => {
      throw new ConfigError([`--oidc-issuer ${oidcIssuer}: ${error.message}`]);
    });
  return {
    async begin() {
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const url = oidc.buildAuthorizationUrl(issuer, {
        redirect_uri: new URL(oidcCallback, publicUrl).href,
        scope: "openid",
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state,
      });
      return { url: url.href, pending: { state, verifier } };
    },
    async finish(callbackPath, { state, verifier }) {
      const tokens = await oidc.authorizationCodeGrant(issuer, new URL(callbackPath, publicUrl), {
        expectedState: state,
        pkceCodeVerifier: verifier,
      });
      if (tokens.id_token === undefined) throw new Error("the issuer sent no id token");
      return tokens.id_token;
    },
  };
}
