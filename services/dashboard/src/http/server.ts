import { existsSync, readFileSync } from "node:fs";
import compress from "@fastify/compress";
import helmet from "@fastify/helmet";
import serveStatic from "@fastify/static";
import { ConfigError, formatAddress, isLoopback, type Logger, parseAddress } from "@superbatch/rpc";
import fastify, { type FastifyInstance } from "fastify";
import type { DashboardConfig } from "../config.ts";
import type { Door } from "../door/door.ts";
import type { OptimizerServiceClient } from "../study/client.ts";
import type { StudyFeeds } from "../study/study-feeds.ts";
import { addDoorRoutes } from "./door-routes.ts";
import { problemOf } from "./problem.ts";
import { addSessions, type SessionOptions } from "./session.ts";
import { addStudyRoutes } from "./study-routes.ts";

export interface HttpServerOptions extends SessionOptions, ListenOptions {
  readonly client: OptimizerServiceClient;
  readonly door: Door;
  readonly feeds: StudyFeeds;
  readonly logger: Logger;
  /** Whether the optimizer takes calls. */
  readonly ready: () => boolean;
  /** URL with {trace_id} in it, where a trace can be seen. */
  readonly traceUrl: string | undefined;
  /** URL with {trace_id}, {trial} or {worker} in it, where a trial's logs can be seen. */
  readonly logUrl: string | undefined;
}

export interface ListenOptions {
  readonly listens: { readonly host: string; readonly port: number };
  readonly https: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

/** @throws {ConfigError} if the dashboard would be reached by other machines in the clear without being told so, or half of a key pair is missing */
export function listenOptions(config: DashboardConfig): ListenOptions {
  const { tlsCertificate, tlsKey, insecure, listen } = config;
  const listens = parseAddress(listen);
  if ((tlsCertificate === undefined) !== (tlsKey === undefined))
    throw new ConfigError(["--tls-certificate and --tls-key need each other"]);
  if (tlsCertificate === undefined && !insecure && !isLoopback(listens.host))
    throw new ConfigError([
      `--listen ${listen}: other machines could reach this page without encryption, and tokens with it. ` +
        "Give --tls-certificate and --tls-key, listen on 127.0.0.1, or say --insecure",
    ]);
  const https =
    tlsCertificate === undefined ? undefined : { cert: readFileSync(tlsCertificate), key: readFileSync(tlsKey!) };
  return { listens, https };
}

/** Where `npm run generate` puts the page. */
const page = new URL("../../build/web/", import.meta.url).pathname;

export async function createHttpServer(options: HttpServerOptions): Promise<{
  readonly app: FastifyInstance;
  readonly listens: ListenOptions["listens"];
  address(): string;
}> {
  const { https, logger, listens, ready, secureCookies } = options;
  const app: FastifyInstance = fastify({
    loggerInstance: logger.child({}, { level: "warn" }),
    // What hangs or trickles in is cut off.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    bodyLimit: 16 * 2 ** 20,
    forceCloseConnections: true,
    ...(https ? { https } : {}),
  } as object) as unknown as FastifyInstance;

  // Streams are written past this, so that each event leaves at once. Brotli at its default quality is too slow for figures made anew at each view.
  await app.register(compress, { encodings: ["gzip", "identity"] });
  await app.register(helmet, {
    // All that the page needs comes from here; figures are drawn by its script, exported ones become images by blob: URLs.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:", "blob:"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    hsts: secureCookies,
    referrerPolicy: { policy: "same-origin" },
  });
  await addSessions(app, options);

  app.setErrorHandler((error, request, reply) => {
    const { http, body } = problemOf(error);
    if (http >= 500 && body.code === "internal") request.log.error({ err: error }, "request failed");
    void reply.status(http).send(body);
  });
  addDoorRoutes(app, options);
  addStudyRoutes(app, options);
  app.get("/healthz", async () => ({ status: "SERVING" }));
  app.get("/readyz", async (_, reply) => {
    const serving = ready();
    return reply.status(serving ? 200 : 503).send({ status: serving ? "SERVING" : "NOT_SERVING", optimizer: serving });
  });

  if (!existsSync(page)) throw new ConfigError(["the page is not built: run npm run setup"]);
  await app.register(serveStatic, {
    root: page,
    // Names of scripts and styles hold a hash of what is in them.
    setHeaders: (reply, path) => {
      reply.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  // The page's own router knows what lies behind other addresses.
  app.setNotFoundHandler((request, reply) => {
    if (request.method === "GET" && !request.url.startsWith("/api/")) return reply.sendFile("index.html");
    return reply
      .status(404)
      .send({ code: "not_found", message: `there is no ${request.method} ${request.url.split("?")[0]}` });
  });

  return {
    app,
    listens,
    address() {
      const bound = app.server.address();
      if (bound === null || typeof bound === "string") throw new Error("the dashboard does not listen yet");
      return formatAddress({ host: listens.host, port: bound.port });
    },
  };
}
