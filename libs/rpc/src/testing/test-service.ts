import type { TsProtoServiceDefinition } from "nice-grpc";
import { z } from "zod";
import { type ClientHandle, type ClientOptions, createClient } from "../client.ts";
import { createLogger } from "../logger.ts";
import { type ServerConfig, serverConfig } from "../server-config.ts";
import { createService, type Service, type ServiceEntry, type ServiceOptions } from "../service.ts";

/** A configuration for tests: the defaults, any free port of 127.0.0.1, a grace period of 5 s. */
export function testServerConfig(overrides: Partial<ServerConfig> = {}): ServerConfig {
  const defaults = z.object(serverConfig("127.0.0.1:0")).parse({});
  return { ...defaults, graceSeconds: 5, logLevel: "silent", ...overrides };
}

/** A service on a free port with clients to it, all closed by {@link TestService.stop}. */
export interface TestService extends AsyncDisposable {
  readonly service: Service;
  readonly address: string;
  client<Definition extends TsProtoServiceDefinition>(
    definition: Definition,
    options?: ClientOptions,
  ): ClientHandle<Definition>["client"];
  stop(): Promise<void>;
}

export type TestServiceOptions = Partial<Omit<ServiceOptions, "entries" | "config">> & {
  readonly config?: Partial<ServerConfig>;
};

/** Starts a service in the test's own process. */
export async function startTestService(
  entries: readonly ServiceEntry[],
  { config, ...options }: TestServiceOptions = {},
): Promise<TestService> {
  const logger = createLogger({ name: "test", level: config?.logLevel ?? "silent" });
  const service = createService({ name: "test", logger, entries, ...options, config: testServerConfig(config) });
  await service.start();
  const handles: { close(): void }[] = [];
  async function stop(): Promise<void> {
    for (const handle of handles) handle.close();
    await service.stop();
  }
  return {
    service,
    address: service.address,
    client(definition, clientOptions) {
      const handle = createClient(definition, service.address, clientOptions);
      handles.push(handle);
      return handle.client;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
