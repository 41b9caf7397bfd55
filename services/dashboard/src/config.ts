import { clientConfig, serverConfig } from "@superbatch/rpc";
import { z } from "zod";

const { listen, tlsCertificate, tlsKey, insecure, graceSeconds, logLevel } = serverConfig("127.0.0.1:7605");

/** The dashboard's configuration; flags, variables and help derive from it. */
export const config = {
  service: "dashboard",
  description: "Shows studies in a browser, and lets programs without gRPC call the optimizer by JSON over HTTP.",
  schema: z.strictObject({
    listen: listen.describe(
      "Address to listen on with HTTP, HOST:PORT. Beyond loopback, TLS is required unless --insecure is given.",
    ),
    tlsCertificate,
    tlsKey,
    insecure: insecure.describe("Allow to listen beyond loopback without TLS, such as behind an ingress that has it."),
    graceSeconds,
    logLevel,
    ...clientConfig("optimizer", "127.0.0.1:7601"),
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("Address that browsers use, such as https://superbatch.example.com. Needed for --oidc-issuer."),
    sessionKeyFile: z
      .string()
      .optional()
      .describe(
        "File with at least 32 bytes from which the key of login cookies is made. Default: a new key at each start, so that people log in again.",
      ),
    sessionHours: z.number().min(0.1).max(720).default(12).describe("Hours after which people must log in again."),
    oidcIssuer: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("OpenID Connect issuer for logging in. Default: people log in with a bearer token."),
    oidcClientId: z.string().optional().describe("Client id at the issuer."),
    oidcClientSecretFile: z.string().optional().describe("File with the client's secret at the issuer."),
    traceUrl: z
      .string()
      .regex(/^https?:\/\/.*\{trace_id\}/, "must be a URL with {trace_id} in it")
      .optional()
      .describe("Where a trial's trace can be seen: a URL with {trace_id} in it. Default: only the id is shown."),
    logUrl: z
      .string()
      .regex(/^https?:\/\/.*\{(trace_id|trial|worker)\}/, "must be a URL with {trace_id}, {trial} or {worker} in it")
      .optional()
      .describe(
        "Where a trial's logs can be seen: a URL with {trace_id}, {trial} (its full name) or {worker} in it. Default: only the last lines that came with a failure are shown.",
      ),
  }),
};

export type DashboardConfig = z.output<(typeof config)["schema"]>;
