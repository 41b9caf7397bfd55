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
    healthListen: z
      .string()
      .regex(/^.+:\d{1,5}$/, "must be HOST:PORT, with port 0 for any free one")
      .optional()
      .describe(
        "Address at which grpc.health.v1 alone is served too, without TLS and for everybody: for probes that speak no TLS, such as Kubernetes' own.",
      ),
    tlsCertificate: z.string().optional().describe("PEM file with the server's certificate chain. Needs --tls-key."),
    tlsKey: z.string().optional().describe("PEM file with the certificate's private key."),
    tlsClientAuthority: z
      .string()
      .optional()
      .describe("PEM file with the authorities of client certificates; clients without one are then refused."),
    principalsFile: z
      .string()
      .optional()
      .describe(
        "YAML or JSON file with the callers that this service knows: their tokens or certificates, and their roles by project. Read again when it changes. Without it, and without --oidc-issuer and --tls-client-authority, everybody who reaches the service may do everything.",
      ),
    oidcIssuer: z
      .string()
      .optional()
      .describe(
        "Issuer of the identity provider's tokens (JWT), as their claim iss has it. Needs --oidc-audience and --oidc-jwks.",
      ),
    oidcAudience: z.string().optional().describe("Audience that such tokens must name in their claim aud."),
    oidcJwks: z
      .string()
      .optional()
      .describe("The identity provider's public keys (JWKS): a file, read again when it changes, or an https address."),
    oidcRolesClaim: z
      .string()
      .min(1)
      .default("superbatch_roles")
      .describe(
        'Claim with the caller\'s roles: an object such as {"vision": "trainer", "*": "reader"}, or a list of project:role.',
      ),
    oidcClockToleranceSeconds: z
      .number()
      .min(0)
      .max(600)
      .default(30)
      .describe("How far the provider's clock and this one may differ, seconds."),
    auditFile: z
      .string()
      .optional()
      .describe("File to which audit events are appended. Default: among the log lines, if there is access control."),
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
    maxRequestsPerSecond: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(1_000)
      .describe(
        "Requests that one caller may begin in a second. Callers without a name are told apart by their address; on this machine they are not limited.",
      ),
    maxCalls: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(2_000)
      .describe("Calls that one caller may have in flight, streams and long polls included."),
    requestSeconds: z
      .number()
      .min(0.1)
      .max(3_600)
      .default(60)
      .describe("Within how long a request, or the first message of a stream of them, must have arrived, seconds."),
    handshakeSeconds: z
      .number()
      .min(0.1)
      .max(600)
      .default(10)
      .describe("Within how long a TLS handshake must be done, seconds."),
    idleConnectionSeconds: z
      .number()
      .min(0.1)
      .max(86_400)
      .default(600)
      .describe("After how long a connection without a call is closed, seconds. Clients connect again by themselves."),
    keepaliveSeconds: z
      .number()
      .min(1)
      .max(3_600)
      .default(30)
      .describe("How often a connection is asked for a sign of life, seconds; without one within 10 s it is closed."),
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
 * surrogateAddress, surrogateAuthority, surrogateCertificate, surrogateKey, surrogateTokenFile. {@link clientOptions} makes
 * createClient's options of them.
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
    [`${name}Certificate`]: z
      .string()
      .optional()
      .describe(`PEM file with this program's certificate chain, if the ${name} service wants one. Needs its key.`),
    [`${name}Key`]: z.string().optional().describe("PEM file with that certificate's private key."),
    [`${name}TokenFile`]: z.string().optional().describe(`File with the bearer token for the ${name} service.`),
  };
  return keys as { [Key in `${Name}Address`]: z.ZodDefault<z.ZodString> } & {
    [Key in `${Name}${"Authority" | "Certificate" | "Key" | "TokenFile"}`]: z.ZodOptional<z.ZodString>;
  };
}

type ClientSettings<Name extends string> = {
  readonly [Key in `${Name}${"Authority" | "Certificate" | "Key" | "TokenFile"}`]?: string | undefined;
};

/** The part of {@link clientConfig}'s values that createClient wants, without the address. */
export function clientOptions<Name extends string>(name: Name, config: ClientSettings<Name>) {
  const value = (key: "Authority" | "Certificate" | "Key" | "TokenFile") => config[`${name}${key}`];
  return {
    authority: value("Authority"),
    certificate: value("Certificate"),
    key: value("Key"),
    tokenFile: value("TokenFile"),
  };
}
