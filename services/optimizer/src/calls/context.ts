import type { Logger } from "@superbatch/rpc";
import type { Store } from "@superbatch/store";
import type { Violations } from "../convert/from-proto.ts";
import type { Call, Idempotency } from "../domain/idempotency.ts";
import type { Leases } from "../domain/leases.ts";
import type { Limits } from "../domain/limits.ts";
import type { SuggestionEngine } from "../domain/suggest/engine.ts";

/** What the calls work with. */
export interface CallsContext {
  /** What is wrong with a surrogate that a study names; undefined if it can be used. */
  readonly surrogateProblem: (surrogate: string) => string | undefined;
  readonly store: Store;
  readonly engine: SuggestionEngine;
  readonly leases: Leases;
  readonly limits: Limits;
  readonly idempotency: Idempotency;
  readonly logger: Logger;
}

/** What ts-proto generates for a message. */
interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** Describes a mutating call, for its repeats to be recognized. */
export function describeCall<Request extends { readonly requestId: string }, Response>(
  method: string,
  scope: string,
  request: Request,
  requests: Codec<Request>,
  responses: Codec<Response>,
): Call<Response> {
  return {
    method,
    scope,
    requestId: request.requestId,
    request: requests.encode(request).finish(),
    encode: (response) => responses.encode(response).finish(),
    decode: (body) => responses.decode(body),
  };
}

export function checkRequestId({ requestId }: { readonly requestId: string }, violations: Violations): void {
  if (requestId.length > 128)
    violations.push({ path: "request_id", message: `has ${requestId.length} characters, more than 128` });
}
