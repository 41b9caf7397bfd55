export { ClientError, ServerError, Status } from "nice-grpc-common";
export { handedPrincipal, principalKey } from "./access/handed-principal.ts";
export { type Address, formatAddress, isLoopback, parseAddress } from "./address.ts";
export { type ClientHandle, type ClientOptions, createClient } from "./client.ts";
export { type ConfigDefinition, type ConfigSchema, type ConfigSources, loadConfig } from "./config.ts";
export { ConfigError, HelpRequested } from "./config-error.ts";
export { helpText } from "./config-help.ts";
export { type ConfigKey, configKeys } from "./config-keys.ts";
export { type ChannelSecurity, readSecret } from "./credentials.ts";
export {
  type ErrorCatalogueEntry,
  type ErrorParameters,
  type ErrorReason,
  errorCatalogue,
  errorDomain,
} from "./error-catalogue.ts";
export { errorMetadata, fieldViolations, reasonOf, retryAfterSeconds, statusOf } from "./error-details.ts";
export {
  type ErrorOptions,
  type FieldViolation,
  failedPrecondition,
  fromUnknown,
  invalidArgument,
  isAbortError,
  notFound,
  RpcError,
  requestIdReused,
  rpcError,
  throwIfInvalid,
} from "./errors.ts";
export type { Dependencies } from "./health.ts";
export type { LifecycleState } from "./lifecycle.ts";
export { createLogger, type Logger, type LoggerOptions } from "./logger.ts";
export { type ProbeOptions, probeService } from "./probe.ts";
export { type ClientCallOptions, type RetryOptions, retryableCodes, retryDelay } from "./retry.ts";
export { type Composition, type Runnable, runService } from "./run-service.ts";
export { clientConfig, clientOptions, type ServerConfig, serverConfig } from "./server-config.ts";
export {
  createService,
  type HandlerContext,
  implement,
  type Service,
  type ServiceContext,
  type ServiceEntry,
  type ServiceOptions,
} from "./service.ts";
export type { ClientStream } from "./stream/client-stream.ts";
export type { OpenStream, ServerStream, StreamHandler } from "./stream/server-stream.ts";
