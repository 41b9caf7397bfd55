import { createSecureContext, type SecureContextOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { readSecret } from "./credentials.ts";

/** PEM files of a server. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Authorities of client certificates; absent: clients show none. */
  readonly clientAuthority?: string | undefined;
}

export interface TlsOptions {
  /** Seconds within which a TLS handshake must be done. */
  readonly handshakeSeconds: number;
  /** Told of files that changed: without an error they count for new connections, with one those before stay. */
  readonly onChange?: (error?: Error) => void;
  /** Milliseconds between looks at the files. @default 2000 */
  readonly lookMilliseconds?: number;
}

/**
 * Credentials whose certificate, key and authorities are taken anew when the files change. Connections that stand keep theirs. The files may
 * change one after the other: a key that does not fit its certificate is waited out.
 *
 * @throws {ConfigError} if a file cannot be read. @throws {Error} if the key does not fit, or a file is not PEM.
 */
export function tlsCredentials(files: TlsFiles, options: TlsOptions): ServerCredentials {
  return new ReloadingCredentials(files, options);
}

/** A class, since the library hands changes on to its servers by a protected method. */
class ReloadingCredentials extends ServerCredentials {
  readonly #look: () => void;
  readonly #milliseconds: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(files: TlsFiles, { handshakeSeconds, onChange, lookMilliseconds = 2_000 }: TlsOptions) {
    const first = read(files);
    createSecureContext(first);
    const requestCert = files.clientAuthority !== undefined;
    super({ requestCert, rejectUnauthorized: requestCert, handshakeTimeout: handshakeSeconds * 1000 }, first);
    this.#milliseconds = lookMilliseconds;
    let seen = fingerprint(first);
    this.#look = () => {
      try {
        const now = read(files);
        if (fingerprint(now) === seen) return;
        seen = fingerprint(now);
        createSecureContext(now);
        this.updateSecureContextOptions(now);
        onChange?.();
      } catch (error) {
        onChange?.(error as Error);
      }
    };
  }

  override _addWatcher(watcher: Parameters<ServerCredentials["_addWatcher"]>[0]): void {
    super._addWatcher(watcher);
    this.#timer ??= setInterval(this.#look, this.#milliseconds).unref();
  }

  override _removeWatcher(watcher: Parameters<ServerCredentials["_removeWatcher"]>[0]): void {
    super._removeWatcher(watcher);
    if (this.getWatcherCount() > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

function read({ certificate, key, clientAuthority }: TlsFiles): SecureContextOptions {
  return {
    cert: readSecret("--tls-certificate", certificate),
    key: readSecret("--tls-key", key),
    ...(clientAuthority !== undefined && { ca: readSecret("--tls-client-authority", clientAuthority) }),
  };
}

function fingerprint({ cert, key, ca }: SecureContextOptions): string {
  return [cert, key, ca].map(String).join("\n");
}
