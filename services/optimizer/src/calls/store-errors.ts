import { rpcError, throwIfInvalid } from "@superbatch/rpc";
import { StoreUnavailable } from "@superbatch/store";

type Handler = (...args: never[]) => Promise<unknown> | AsyncIterable<unknown>;

/**
 * The calls, answering UNAVAILABLE while the database cannot be reached. Clients repeat the call with its request id, and so learn what
 * has become of it.
 */
export function withStoreErrors<Calls extends object>(calls: Calls): Calls {
  const wrapped = Object.entries(calls).map(([name, handler]: [string, Handler]) => [name, wrap(handler)]);
  return Object.fromEntries(wrapped) as Calls;
}

function wrap(handler: Handler): Handler {
  return (...args) => {
    refuseNul(args[0]);
    const answer = handler(...args);
    return answer instanceof Promise ? answer.catch(rethrow) : wrapStream(answer);
  };
}

/**
 * PostgreSQL keeps no text with the character U+0000, and SQLite would. Texts further inside are kept as JSON, which writes it as an escape.
 *
 * @throws INVALID_ARGUMENT with each such field of the request itself.
 */
function refuseNul(request: object | undefined): void {
  const holding = Object.entries(request ?? {}).filter(
    ([, value]) => typeof value === "string" && value.includes("\0"),
  );
  const message = "must not hold the character U+0000";
  throwIfInvalid(
    holding.map(([name]) => ({ path: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), message })),
  );
}

async function* wrapStream(stream: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    yield* stream;
  } catch (error) {
    rethrow(error);
  }
}

function rethrow(error: unknown): never {
  if (!(error instanceof StoreUnavailable)) throw error;
  const parameters = { dependency: "the store", detail: error.message };
  throw rpcError("DEPENDENCY_UNAVAILABLE", parameters, { retryAfterSeconds: 0.5, cause: error });
}
