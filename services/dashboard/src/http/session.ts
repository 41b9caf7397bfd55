import { readFileSync } from "node:fs";
import secureSession from "@fastify/secure-session";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type OidcLogin, oidcCallback, type PendingLogin } from "./oidc-login.ts";

declare module "@fastify/secure-session" {
  interface SessionData {
    token: string;
    pending: PendingLogin;
  }
}

export interface SessionOptions {
  /** 32 bytes. */
  readonly sessionKey: Buffer;
  readonly sessionHours: number;
  /** Whether browsers reach the dashboard by HTTPS. */
  readonly secureCookies: boolean;
  readonly oidc: OidcLogin | undefined;
  /** File with the token of callers that are not logged in: for a dashboard that everybody who reaches it may use. */
  readonly tokenFile: string | undefined;
  /** Refuses calls without any token. */
  readonly tokenRequired: boolean;
}

/** A header that pages of other origins cannot send without asking first, which they are refused. */
export const csrfHeader = "x-superbatch";

/**
 * Login by an encrypted cookie that holds the bearer token. Scripts cannot read it, other sites' pages do not send it (SameSite=Strict), and what
 * changes something must carry {@link csrfHeader} besides.
 */
export async function addSessions(app: FastifyInstance, options: SessionOptions): Promise<void> {
  const { sessionKey, sessionHours, secureCookies, oidc, tokenFile, tokenRequired } = options;
  const shared = { key: sessionKey, cookie: { httpOnly: true, secure: secureCookies } } as const;
  const seconds = sessionHours * 3600;
  await app.register(secureSession, [
    {
      ...shared,
      sessionName: "session",
      cookieName: "superbatch-session",
      expiry: seconds,
      cookie: { ...shared.cookie, path: "/", sameSite: "strict", maxAge: seconds },
    },
    // Kept while the browser is at the issuer, from where it comes back by a link of another site.
    {
      ...shared,
      sessionName: "loginSession",
      cookieName: "superbatch-login",
      expiry: 600,
      cookie: { ...shared.cookie, path: "/login", sameSite: "lax", maxAge: 600 },
    },
  ]);

  app.addHook("onRequest", async (request, reply) => {
    if (request.method === "GET" || request.method === "HEAD" || request.headers.authorization !== undefined) return;
    const site = request.headers["sec-fetch-site"];
    const foreign = site !== undefined && site !== "same-origin" && site !== "none";
    if (foreign || request.headers[csrfHeader] === undefined)
      await reply
        .status(403)
        .send({ code: "permission_denied", message: `requests that change something need the header ${csrfHeader}` });
  });

  const open = ["/api/session", "/api/login", "/api/logout", "/api/openapi.json"];
  app.addHook("onRequest", async (request, reply) => {
    // The route's own path, however the request spells it.
    const { url: route = "" } = request.routeOptions;
    if (!tokenRequired || !route.startsWith("/api/") || open.includes(route)) return;
    if (tokenOf(request, tokenFile) === undefined)
      await reply.status(401).send({ code: "unauthenticated", reason: "TOKEN_MISSING", message: "log in first" });
  });

  app.get("/api/session", async (request) => ({
    loggedIn: request.session.get("token") !== undefined,
    oidc: oidc !== undefined,
  }));

  app.post(
    "/api/login",
    {
      schema: {
        body: {
          type: "object",
          required: ["token"],
          properties: { token: { type: "string", minLength: 1, maxLength: 8192, pattern: "^[\\x21-\\x7e]+$" } },
        },
      },
    },
    async (request) => {
      request.session.regenerate();
      request.session.set("token", (request.body as { token: string }).token);
      return { loggedIn: true };
    },
  );

  app.post("/api/logout", async (request) => {
    request.session.delete();
    return { loggedIn: false };
  });

  if (!oidc) return;
  const pendingOf = (request: FastifyRequest) =>
    (request as unknown as { loginSession: FastifyRequest["session"] }).loginSession;
  app.get("/login", async (request, reply) => {
    const { url, pending } = await oidc.begin();
    pendingOf(request).set("pending", pending);
    return reply.redirect(url);
  });
  app.get(oidcCallback, async (request, reply) => {
    const session = pendingOf(request);
    const pending = session.get("pending");
    session.delete();
    if (!pending) return reply.redirect("/?login=expired");
    try {
      const token = await oidc.finish(request.url, pending);
      request.session.regenerate();
      request.session.set("token", token);
    } catch (error) {
      request.log.warn({ err: error }, "login failed");
      return reply.redirect("/?login=failed");
    }
    return reply.redirect("/");
  });
}

/** Bearer token of a request: its own, the one it logged in with, or the dashboard's. */
export function tokenOf(request: FastifyRequest, tokenFile: string | undefined): string | undefined {
  const { authorization } = request.headers;
  if (authorization?.toLowerCase().startsWith("bearer ")) return authorization.slice("bearer ".length).trim();
  return request.session.get("token") ?? (tokenFile === undefined ? undefined : readFileSync(tokenFile, "utf8").trim());
}
