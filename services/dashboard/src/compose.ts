import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { optimizer } from "@superbatch/contracts";
import { ConfigError, clientOptions, createClient, type Logger, probeService, type Runnable } from "@superbatch/rpc";
import type { DashboardConfig } from "./config.ts";
import { createDoor } from "./door/door.ts";
import { createOidcLogin } from "./http/oidc-login.ts";
import { createHttpServer, listenOptions } from "./http/server.ts";
import { createStudyFeeds } from "./study/study-feeds.ts";

/** The dashboard as something that can be started: one HTTP server, clients of one optimizer. */
export async function composeDashboard({
  config,
  logger,
}: {
  readonly config: DashboardConfig;
  readonly logger: Logger;
}): Promise<Runnable & { readonly address: string }> {
  const { optimizerAddress: address } = config;
  // Each call carries the token of who looks: the connection itself has none.
  const { tokenFile, ...connection } = clientOptions("optimizer", config);
  const { client, close } = createClient(optimizer.OptimizerServiceDefinition, address, connection);
  const door = createDoor(address, connection);
  const feeds = createStudyFeeds(client, logger);
  let reachable = false;
  let endProbe: (() => void) | undefined;
  const server = await createHttpServer({
    client,
    door,
    feeds,
    logger,
    sessionKey: sessionKey(config.sessionKeyFile),
    sessionHours: config.sessionHours,
    secureCookies: config.tlsCertificate !== undefined || config.publicUrl?.startsWith("https:") === true,
    oidc: await createOidcLogin(config),
    traceUrl: config.traceUrl,
    logUrl: config.logUrl,
    tokenFile,
    // Without a token a call would be made in the name of the dashboard's certificate, whoever asks for it.
    tokenRequired: connection.certificate !== undefined,
    ready: () => reachable,
    ...listenOptions(config),
  });
  const { host, port } = server.listens;
  return {
    get address() {
      return server.address();
    },
    async start() {
      await server.app.listen({ host, port });
      const onLook = (serving: boolean) => {
        reachable = serving;
      };
      endProbe = probeService(address, { ...connection, onLook });
      logger.info({ address: server.address() }, "ready");
    },
    async stop() {
      endProbe?.();
      feeds.close();
      await server.app.close();
      door.close();
      close();
    },
  };
}

function sessionKey(file: string | undefined): Buffer {
  if (file === undefined) return randomBytes(32);
  const secret = readFileSync(file);
  if (secret.length < 32)
    throw new ConfigError([`--session-key-file ${file}: has ${secret.length} bytes; at least 32 are needed`]);
  return createHash("sha256").update(secret).digest();
}
