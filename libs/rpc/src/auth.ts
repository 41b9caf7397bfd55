import { createHash, timingSafeEqual } from "node:crypto";
import type { ServerMiddleware } from "nice-grpc-common";
import { ConfigError } from "./config-error.ts";
import { readSecret } from "./credentials.ts";
import { rpcError } from "./errors.ts";

/** @returns the tokens of a file, one a line; empty lines and lines that begin with # do not count. */
export function readTokens(path: string): string[] {
  const lines = readSecret("--tokens-file", path).toString("utf8").split(/\r?\n/);
  const tokens = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  if (tokens.length === 0) throw new ConfigError([`--tokens-file: ${path} holds no token`]);
  return tokens;
}

/** Refuses calls without one of `tokens` in the metadata key `authorization: Bearer TOKEN`. */
export function tokenMiddleware(tokens: readonly string[]): ServerMiddleware {
  // Digests have one length, so that comparing takes the same time whatever was sent.
  const known = tokens.map(digest);
  return async function* authenticate(call, context) {
    const header = context.metadata.get("authorization");
    const token = /^Bearer (.+)$/i.exec(typeof header === "string" ? header : "")?.[1];
    if (token === undefined) throw rpcError("TOKEN_MISSING", {});
    const sent = digest(token);
    let valid = false;
    for (const candidate of known) valid = timingSafeEqual(candidate, sent) || valid;
    if (!valid) throw rpcError("TOKEN_INVALID", {});
    return yield* call.next(call.request, context);
  };
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
