import { readFileSync } from "node:fs";
import { ChannelCredentials, ServerCredentials } from "@grpc/grpc-js";
import { isLoopback, parseAddress } from "./address.ts";
import { ConfigError } from "./config-error.ts";
import type { ServerConfig } from "./server-config.ts";

/**
 * The credentials that a server listens with.
 *
 * @throws {ConfigError} if a file cannot be read, half of a key pair is missing, or the service would listen beyond loopback in the clear
 *   or for everybody without being told to.
 */
export function serverCredentials(config: ServerConfig): ServerCredentials {
  const { tlsCertificate, tlsKey, tlsClientAuthority } = config;
  const open = !config.insecure && !isLoopback(parseAddress(config.listen).host);
  if (tlsCertificate === undefined && tlsKey === undefined) {
    if (tlsClientAuthority !== undefined) {
      throw new ConfigError(["--tls-client-authority needs --tls-certificate and --tls-key"]);
    }
    if (open) {
      throw new ConfigError([
        `--listen ${config.listen}: other machines could reach this service without encryption. ` +
          "Give --tls-certificate and --tls-key, listen on 127.0.0.1, or say --insecure",
      ]);
    }
    return ServerCredentials.createInsecure();
  }
  if (tlsCertificate === undefined) throw new ConfigError(["--tls-key needs --tls-certificate"]);
  if (tlsKey === undefined) throw new ConfigError(["--tls-certificate needs --tls-key"]);
  if (open && tlsClientAuthority === undefined && config.tokensFile === undefined) {
    throw new ConfigError([
      `--listen ${config.listen}: any machine could call this service. ` +
        "Give --tokens-file or --tls-client-authority, listen on 127.0.0.1, or say --insecure",
    ]);
  }
  const pair = {
    cert_chain: readSecret("--tls-certificate", tlsCertificate),
    private_key: readSecret("--tls-key", tlsKey),
  };
  const authority = tlsClientAuthority === undefined ? null : readSecret("--tls-client-authority", tlsClientAuthority);
  return ServerCredentials.createSsl(authority, [pair], authority !== null);
}

export interface ChannelSecurity {
  /** PEM file with the authorities that may sign the server's certificate; turns TLS on. */
  readonly authority?: string | undefined;
  /** PEM files with this client's own certificate chain and key, for servers that want one. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** Plain text unless {@link ChannelSecurity.authority} is given. @throws {ConfigError} if a file cannot be read. */
export function channelCredentials({ authority, certificate, key }: ChannelSecurity): ChannelCredentials {
  if (authority === undefined) return ChannelCredentials.createInsecure();
  return ChannelCredentials.createSsl(
    readSecret("authority", authority),
    key === undefined ? null : readSecret("key", key),
    certificate === undefined ? null : readSecret("certificate", certificate),
  );
}

/** @param name - how the user named the file: the message has it. @throws {ConfigError} if the file cannot be read. */
export function readSecret(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError([`${name}: ${(error as Error).message}`]);
  }
}
