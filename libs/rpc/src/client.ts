import { Channel, type ChannelOptions } from "@grpc/grpc-js";
import { type Client, createClientFactory, type TsProtoServiceDefinition } from "nice-grpc";
import { type ClientMiddleware, Metadata } from "nice-grpc-common";
import { errorDetailsClientMiddleware } from "nice-grpc-error-details";
import { type ChannelSecurity, channelCredentials, readSecret } from "./credentials.ts";
import { deadlineMiddleware } from "./deadline.ts";
import { type ClientCallOptions, type RetryOptions, retryMiddleware } from "./retry.ts";
import { type ClientStream, openClientStream, type StreamMethod } from "./stream/client-stream.ts";
import { clientTracing } from "./tracing.ts";

export interface ClientOptions extends ChannelSecurity {
  /** Deadline of unary calls that set none, in seconds, retries included. Above 0. @default 60 */
  readonly deadlineSeconds?: number;
  /** @default five attempts within the deadline, for calls that may be repeated safely */
  readonly retry?: RetryOptions;
  /** File with the bearer token, read on each call so that it may be renewed. Excludes `token`. */
  readonly tokenFile?: string | undefined;
  /** The bearer token. Excludes `tokenFile`. */
  readonly token?: string | undefined;
  /** Largest message accepted or sent, MiB. @default 64 */
  readonly maxMessageMebibytes?: number;
}

/** A client and its connection. */
export interface ClientHandle<Definition extends TsProtoServiceDefinition> {
  /** Methods take `(request, {signal?, deadline?, metadata?})`. They throw ClientError, RichClientError with details, or AbortError. */
  readonly client: Client<Definition, ClientCallOptions>;
  /**
   * Calls a bidirectional method message by message, without the layers of {@link client}: for streams in which thousands of small messages a second wait
   * for each other. No deadline, no retries.
   *
   * @param method - of the definition
   */
  openStream<Request, Response>(
    method: StreamMethod<Request, Response>,
    signal?: AbortSignal,
  ): ClientStream<Request, Response>;
  /** Closes the connection. Calls in flight fail with UNAVAILABLE. */
  close(): void;
}

/**
 * A client of one service. Connects when first used, and again by itself.
 *
 * @param address - `HOST:PORT`; `dns:///HOST:PORT` to spread calls evenly over all addresses of a name; `ipv4:A:1,B:2` over a list.
 */
export function createClient<Definition extends TsProtoServiceDefinition>(
  definition: Definition,
  address: string,
  options: ClientOptions = {},
): ClientHandle<Definition> {
  const channel = new Channel(address, channelCredentials(options), channelOptions(options.maxMessageMebibytes ?? 64));
  // The first is the innermost: each attempt has its own span, all of them share one deadline.
  const factory = createClientFactory()
    .use(errorDetailsClientMiddleware)
    .use(clientTracing)
    .use(tokenMiddleware(options))
    .use(retryMiddleware(options.retry))
    .use(deadlineMiddleware(options.deadlineSeconds ?? 60));
  return {
    client: factory.create(definition, channel) as Client<Definition, ClientCallOptions>,
    openStream: (method, signal) =>
      openClientStream(channel, `/${definition.fullName}/${method.name}`, method, tokenOf(options), signal),
    close: () => channel.close(),
  };
}

function channelOptions(maxMessageMebibytes: number): ChannelOptions {
  const bytes = maxMessageMebibytes * 2 ** 20;
  return {
    "grpc.max_receive_message_length": bytes,
    "grpc.max_send_message_length": bytes,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    // A connection of its own for each client: streams that share one wait for each other's share of its flow-control window, the last ones without end.
    "grpc.use_local_subchannel_pool": 1,
    // Room for several large messages; with HTTP/2's 64 KiB one of 200 kB takes four round trips.
    "grpc-node.flow_control_window": 4 * 2 ** 20,
    // A service that restarts is back within a second; the library's default of up to two minutes suits the internet.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 5_000,
    // A name leads elsewhere when replicas are replaced; the library's default of 30 s between lookups is longer than a rolling update may take.
    "grpc.dns_min_time_between_resolutions_ms": 5_000,
    // Nobody publishes one; without this each lookup asks for a TXT record too.
    "grpc.service_config_disable_resolution": 1,
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // Calls that no server has begun to handle (it just went away) are sent again by the library; all else is retry.ts' affair.
    "grpc.enable_retries": 1,
  };
}

function tokenOf({ token, tokenFile }: ClientOptions): string | undefined {
  return tokenFile === undefined ? token : readSecret("token file", tokenFile).toString("utf8").trim();
}

function tokenMiddleware(clientOptions: ClientOptions): ClientMiddleware {
  return async function* authorize(call, options) {
    const value = tokenOf(clientOptions);
    if (value === undefined) return yield* call.next(call.request, options);
    const metadata = Metadata(options.metadata).set("authorization", `Bearer ${value}`);
    return yield* call.next(call.request, { ...options, metadata });
  };
}
