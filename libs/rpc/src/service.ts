import { ServerCredentials, type ServerInterceptor } from "@grpc/grpc-js";
import type { Principal } from "@superbatch/access";
import type { Telemetry } from "@superbatch/telemetry";
import { createServer, type Server, type ServiceImplementation, type TsProtoServiceDefinition } from "nice-grpc";
import type { CallContext } from "nice-grpc-common";
import { errorDetailsServerMiddleware } from "nice-grpc-error-details";
import { HealthDefinition } from "nice-grpc-server-health";
import { createAudit } from "./access/audit.ts";
import { createAuthenticator } from "./access/authenticator.ts";
import { createGuard, type GuardOptions } from "./access/guard.ts";
import { handedPrincipal, principalKey } from "./access/handed-principal.ts";
import { createLimiter } from "./access/limiter.ts";
import { formatAddress, parseAddress } from "./address.ts";
import { callMiddleware, callRecorder } from "./call-middleware.ts";
import { serverCredentials } from "./credentials.ts";
import { decodingMiddleware, withSafeDecoding } from "./decoding.ts";
import { createHealth, type Dependencies } from "./health.ts";
import { createLifecycle, type LifecycleState } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import { createReflection } from "./reflection.ts";
import type { ServerConfig } from "./server-config.ts";
import { type OpenStream, streamInterceptor } from "./stream/server-stream.ts";
import { serverTracing } from "./tracing.ts";

/** What handlers find in their context beyond nice-grpc's: metadata, peer, `signal` (aborted when the caller leaves), trailer. */
export interface ServiceContext {
  /** Who calls. It may make this call on what the request names: the guard has seen to that. */
  readonly principal: Principal;
  /**
   * Aborted when the service begins to stop. A handler that waits long (a long poll, a stream without end) ends its call then, with
   * {@link rpcError} SERVICE_STOPPING; other calls just finish.
   */
  readonly draining: AbortSignal;
}

export type HandlerContext = CallContext & ServiceContext;

/** A service definition with its implementation; made by {@link implement}, which checks that they fit. */
export interface ServiceEntry {
  readonly definition: TsProtoServiceDefinition;
  readonly implementation: ServiceImplementation<TsProtoServiceDefinition, ServiceContext>;
  /** Handlers of streams by the methods' paths. */
  readonly streams: AnyStreams;
}

// biome-ignore lint/suspicious/noExplicitAny: messages of any type; `implement` checks that they fit
type AnyStreams = ReadonlyMap<string, OpenStream<any, any>>;

type MessageOf<Type> = Type extends { decode(bytes: Uint8Array): infer Message } ? Message : never;

/** Handlers of bidirectional methods that take their messages one by one. */
type Streams<Definition extends TsProtoServiceDefinition, Streamed extends keyof Definition["methods"]> = {
  readonly [Name in Streamed]: OpenStream<
    MessageOf<Definition["methods"][Name]["requestType"]>,
    MessageOf<Definition["methods"][Name]["responseType"]>
  >;
};

/** @param streams - bidirectional methods that are served message by message, and are then not in `implementation` */
export function implement<
  Definition extends TsProtoServiceDefinition,
  Streamed extends keyof Definition["methods"] = never,
>(
  definition: Definition,
  implementation: Omit<ServiceImplementation<Definition, ServiceContext>, Streamed>,
  streams?: Streams<Definition, Streamed>,
): ServiceEntry {
  const handlers: Record<string, unknown> = { ...implementation };
  const byPath = new Map<string, OpenStream<unknown, unknown>>();
  for (const [name, open] of Object.entries<OpenStream<unknown, unknown>>(streams ?? {})) {
    byPath.set(`/${definition.fullName}/${definition.methods[name].name}`, open);
    handlers[name] = () => {
      throw new Error("streams are served before any handler is asked; this is a defect");
    };
  }
  return { definition, implementation: handlers as ServiceEntry["implementation"], streams: byPath };
}

export interface ServiceOptions {
  /** For log lines: `surrogate-model`. */
  readonly name: string;
  readonly config: ServerConfig;
  readonly entries: readonly ServiceEntry[];
  readonly logger: Logger;
  /** Serialized FileDescriptorSet (`descriptorSet()` of @superbatch/contracts). Without it there is no server reflection. */
  readonly descriptorSet?: Uint8Array;
  /** What the service depends on, for health. All is taken to be away until {@link Service.setDependency} says otherwise. */
  readonly dependencies?: Dependencies;
  /** Flushed and shut down as the last step of stopping. */
  readonly telemetry?: Telemetry;
  /** Runs before the port opens: open stores, start workers. If it throws, start throws. */
  readonly onStart?: () => void | Promise<void>;
  /** Runs when stopping begins, after health says NOT_SERVING and while calls still run: stop taking up work of one's own. */
  readonly onDrain?: () => void | Promise<void>;
  /** Runs when no call is left: close stores, end workers. */
  readonly onStop?: () => void | Promise<void>;
}

/** A server through its life: created, starting, ready, draining, stopped. */
export interface Service {
  readonly state: LifecycleState;
  /** HOST:PORT that it listens on, with the real port; throws before it is ready. */
  readonly address: string;
  /** HOST:PORT at which health alone is served, with the real port; undefined without `healthListen` and before it is ready. */
  readonly healthAddress: string | undefined;
  /** Full names of the services it serves, without health and reflection. */
  readonly services: readonly string[];
  /** Idempotent: all callers await the same promise. Resolves when calls are answered and health says SERVING. */
  start(): Promise<void>;
  /**
   * Health says NOT_SERVING, the port closes, calls in flight finish within `graceSeconds` and are cancelled then, what was opened
   * is closed, telemetry flushes. Idempotent: all callers await the same promise. Never throws for what fails on the way; that is logged.
   */
  stop(): Promise<void>;
  /** Tells health whether a dependency is there. @throws {RangeError} if the service has none of that name. */
  setDependency(name: string, serving: boolean): void;
}

/** Composes a server out of definitions and implementations. Nothing happens before `start`. */
export function createService(options: ServiceOptions): Service {
  const { name, config, entries, logger } = options;
  const services = entries.map(({ definition }) => definition.fullName);
  const draining = new AbortController();
  const health = createHealth(services, options.dependencies ?? {}, draining.signal);
  const bytes = config.maxMessageMebibytes * 2 ** 20;
  const record = callRecorder(logger);
  const streams: AnyStreams = new Map(entries.flatMap((entry) => [...entry.streams]));
  const interceptors: ServerInterceptor[] = [];
  const base = createServer({
    // Filled before the server listens: files are read when it starts.
    interceptors,
    "grpc.max_receive_message_length": bytes,
    "grpc.max_send_message_length": bytes,
    // A peer that vanished without a word (a pulled cable, a frozen node) is noticed soon.
    "grpc.keepalive_time_ms": config.keepaliveSeconds * 1000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_connection_idle_ms": config.idleConnectionSeconds * 1000,
  });
  const server = base
    .use(serverTracing)
    .use(errorDetailsServerMiddleware)
    .use(callMiddleware(record))
    .use(decodingMiddleware)
    .use<ServiceContext>((call, context) => {
      const principal = handedPrincipal(context.metadata.get(principalKey));
      return call.next(call.request, { ...context, draining: draining.signal, principal });
    });
  let address: string | undefined;
  const probes = config.healthListen === undefined ? undefined : createServer();
  probes?.add(HealthDefinition, health.implementation);
  let healthAddress: string | undefined;

  function addServices(): void {
    for (const { definition, implementation } of entries) server.add(withSafeDecoding(definition), implementation);
    if (options.descriptorSet) {
      const shown = [...services, HealthDefinition.fullName];
      for (const { definition, implementation } of createReflection(options.descriptorSet, shown)) {
        server.add(definition, implementation);
      }
    }
    server.add(HealthDefinition, health.implementation);
  }

  const lifecycle = createLifecycle({
    logger,
    async start() {
      const credentials = serverCredentials(config, logger);
      interceptors.push(createGuard(guardOptions(name, config, logger)));
      if (streams.size > 0) interceptors.push(streamInterceptor(streams, record, draining.signal));
      addServices();
      await options.onStart?.();
      address = await listen(server, config.listen, credentials);
      if (probes) healthAddress = await listen(probes, config.healthListen!);
      health.setAccepting(true);
      logger.info({ address, healthAddress, services }, "ready");
    },
    async drain() {
      logger.info("draining");
      health.setAccepting(false);
      draining.abort(new DOMException(`${name} is stopping`, "AbortError"));
      await options.onDrain?.();
    },
    async finishCalls() {
      if (await finishes(server.shutdown(), config.graceSeconds * 1000)) return;
      logger.warn({ graceSeconds: config.graceSeconds }, "grace period over: cancelling the calls in flight");
      server.forceShutdown();
    },
    async stop() {
      probes?.forceShutdown();
      await options.onStop?.();
      logger.info("stopped");
    },
    async flush() {
      await options.telemetry?.shutdown();
    },
  });

  return {
    services,
    get state() {
      return lifecycle.state;
    },
    get address() {
      if (address === undefined) throw new Error(`${name} does not listen yet`);
      return address;
    },
    start: lifecycle.start,
    stop: lifecycle.stop,
    get healthAddress() {
      return healthAddress;
    },
    setDependency: health.setDependency,
  };
}

/** @returns where it listens, with the real port. */
async function listen(
  server: Pick<Server, "listen">,
  address: string,
  credentials = ServerCredentials.createInsecure(),
): Promise<string> {
  const { host } = parseAddress(address);
  return formatAddress({ host, port: await server.listen(address, credentials) });
}

function guardOptions(name: string, config: ServerConfig, logger: Logger): GuardOptions {
  const { principalsFile, oidcIssuer, tlsClientAuthority, auditFile, requestSeconds } = config;
  const controlled = (principalsFile ?? oidcIssuer ?? tlsClientAuthority ?? auditFile) !== undefined;
  return {
    authenticate: createAuthenticator(config, logger),
    limiter: createLimiter({ requestsPerSecond: config.maxRequestsPerSecond, calls: config.maxCalls }),
    audit: controlled ? createAudit(name, auditFile) : undefined,
    requestSeconds,
  };
}

/** Whether the promise resolves within the time. */
async function finishes(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
