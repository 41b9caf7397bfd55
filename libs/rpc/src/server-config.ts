import { z } from "zod";

/**
 * The keys that every service has; a service's schema spreads them: `z.strictObject({ ...serverConfig("127.0.0.1:7602"), cache: … })`.
 *
 * @param listen - default address.
 */
export function serverConfig(listen: string) {
  return {
    listen: z
      .string()
      .regex(/^.+:\d{1,5}$/, "must be HOST:PORT, with port 0 for any free one")
      .default(listen)
      .describe(
        "Address to listen on, HOST:PORT. Beyond loopback, TLS and tokens or client certificates are required unless --insecure is given.",
      ),
    tlsCertificate: z.string().optional().describe("PEM file with the server's certificate chain. Needs --tls-key."),
    tlsKey: z.string().optional().describe("PEM file with the certificate's private key."),
    tlsClientAuthority: z
      .string()
      .optional()
      .describe("PEM file with the authorities of client certificates; clients without one are then refused."),
    tokensFile: z
      .string()
      .optional()
      .describe("File with one bearer token a line; calls without one of them are refused. Health checks need none."),
    insecure: z
      .boolean()
      .default(false)
      .describe(
        "Allow to listen beyond loopback without TLS and for everybody. Only for networks that protect the traffic otherwise.",
      ),
    maxMessageMebibytes: z
      .number()
      .int()
      .min(1)
      .max(1024)
      .default(64)
      .describe("Largest message accepted or sent, MiB."),
    graceSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(10)
      .describe("How long calls in flight may go on after SIGTERM before they are cancelled, seconds."),
    logLevel: z
      .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
      .default("info")
      .describe("Least severe log lines to write (JSON, to stderr). Each call is logged at debug."),
  };
}

export type ServerConfig = z.output<z.ZodObject<ReturnType<typeof serverConfig>>>;

/**
 * The keys by which a program reaches another service, with a name before each: `clientConfig("surrogate", "127.0.0.1:7602")` gives
 * surrogateAddress, surrogateAuthority, surrogateTokenFile.
 */
export function clientConfig<Name extends string>(name: Name, address: string) {
  const keys = {
    [`${name}Address`]: z
      .string()
      .default(address)
      .describe(
        `Address of the ${name} service: HOST:PORT, or dns:///HOST:PORT to spread calls over all its replicas.`,
      ),
    [`${name}Authority`]: z
      .string()
      .optional()
      .describe(`PEM file with the authorities that may sign the ${name} service's certificate; turns TLS on.`),
    [`${name}TokenFile`]: z.string().optional().describe(`File with the bearer token for the ${name} service.`),
  };
  return keys as { [Key in `${Name}Address`]: z.ZodDefault<z.ZodString> } & {
    [Key in `${Name}Authority` | `${Name}TokenFile`]: z.ZodOptional<z.ZodString>;
  };
}
