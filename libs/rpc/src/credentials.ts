import { readFileSync } from "node:fs";
import { ChannelCredentials, ServerCredentials } from "@grpc/grpc-js";
import { isLoopback, parseAddress } from "./address.ts";
import { ConfigError } from "./config-error.ts";
import type { Logger } from "./logger.ts";
import type { ServerConfig } from "./server-config.ts";
import { tlsCredentials } from "./tls-files.ts";

/**
 * The credentials that a server listens with. Its files are read again when they change.
 *
 * @throws {ConfigError} if a file cannot be read, half of a key pair is missing, or the service would listen beyond loopback in the clear
 *   or for everybody without being told to.
 */
export function serverCredentials(config: ServerConfig, logger: Logger): ServerCredentials {
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
  const { principalsFile, oidcIssuer } = config;
  if (open && tlsClientAuthority === undefined && principalsFile === undefined && oidcIssuer === undefined) {
    throw new ConfigError([
      `--listen ${config.listen}: any machine could call this service. ` +
        "Give --principals-file, --oidc-issuer or --tls-client-authority, listen on 127.0.0.1, or say --insecure",
    ]);
  }
  const files = { certificate: tlsCertificate, key: tlsKey, clientAuthority: tlsClientAuthority };
  const onChange = (error?: Error) => {
    if (error) logger.warn({ problem: error.message }, "changed TLS files are not in use yet");
    else logger.info({ tlsCertificate }, "new TLS files are in use");
  };
  try {
    return tlsCredentials(files, { handshakeSeconds: config.handshakeSeconds, onChange });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`--tls-certificate, --tls-key: ${(error as Error).message}`]);
  }
}

export interface ChannelSecurity {
  /** PEM file with the authorities that may sign the server's certificate; turns TLS on. */
  readonly authority?: string | undefined;
  /** PEM files with this client's own certificate chain and key, for servers that want one. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Plain text unless {@link ChannelSecurity.authority} is given.
 *
 * @throws {ConfigError} if a file cannot be read, or a certificate is given that would not be shown.
 */
export function channelCredentials({ authority, certificate, key }: ChannelSecurity): ChannelCredentials {
  if ((certificate === undefined) !== (key === undefined))
    throw new ConfigError(["a client's certificate and its key belong together: one of them is missing"]);
  if (certificate !== undefined && authority === undefined)
    throw new ConfigError([
      "a client's certificate is only shown over TLS: give the authority of the server's certificate too",
    ]);
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
