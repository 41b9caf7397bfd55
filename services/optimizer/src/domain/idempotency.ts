import { createHash } from "node:crypto";
import { requestIdReused } from "@superbatch/rpc";
import { type Store, StoreConflict, type StoreTransaction } from "@superbatch/store";

/** One mutating call as its caller sent it. */
export interface Call<Response> {
  readonly method: string;
  /** Whose request ids are kept apart: the project. */
  readonly scope: string;
  /** Empty: the caller gives up protection against repeats. */
  readonly requestId: string;
  /** The encoded request: a repeat has the same bytes. */
  readonly request: Uint8Array;
  encode(response: Response): Uint8Array;
  decode(body: Uint8Array): Response;
}

/** What happens once a call's transaction is committed, and not for a duplicate. */
export type Effects = (() => void)[];

/** Work of a call inside its transaction. Runs again from the start if the engine asks for it: effects are to be pushed, not done. */
export type Work<Response> = (tx: StoreTransaction, effects: Effects) => Promise<Response>;

export interface Idempotency {
  /**
   * Runs the work in a transaction that also keeps the response, unless that is undefined: nothing has happened then. A duplicate gets
   * the response that is kept.
   */
  commit<Response>(call: Call<Response>, work: Work<Response>): Promise<Response>;
  /** The response to a call that has been committed before, by whichever replica; undefined if there is none. */
  kept<Response>(call: Call<Response>): Promise<Response | undefined>;
  /**
   * Runs a call of several transactions, or waits for the same call that runs already, and then returns its response. If that
   * one fails (its caller left), the duplicate runs it itself.
   */
  join<Response>(call: Call<Response>, run: () => Promise<Response>): Promise<Response>;
}

export function createIdempotency(store: Store): Idempotency {
  const running = new Map<string, { readonly fingerprint: string; readonly response: Promise<unknown> }>();

  async function find<Response>(
    call: Call<Response>,
    reader: Pick<Store, "findResponse">,
  ): Promise<Response | undefined> {
    if (call.requestId === "") return undefined;
    const found = await reader.findResponse(keyOf(call));
    if (!found) return undefined;
    if (found.fingerprint !== fingerprintOf(call)) throw requestIdReused(call.requestId);
    return call.decode(found.body);
  }

  async function attempt<Response>(call: Call<Response>, work: Work<Response>): Promise<Response> {
    let effects: Effects = [];
    const response = await store.transaction(async (tx) => {
      effects = [];
      const first = await find(call, tx);
      if (first !== undefined) return first;
      const fresh = await work(tx, effects);
      if (call.requestId !== "" && fresh !== undefined) {
        const { method } = call;
        const body = call.encode(fresh);
        await tx.saveResponse({ key: keyOf(call), method, fingerprint: fingerprintOf(call), body });
      }
      return fresh;
    });
    for (const effect of effects) effect();
    return response;
  }

  return {
    async commit(call, work) {
      try {
        return await attempt(call, work);
      } catch (error) {
        if (call.requestId === "") throw error;
        // Another process may have run this very call since its response was looked for: a study is then deleted, or there, already.
        const kept = await find(call, store);
        if (kept !== undefined) return kept;
        if (error instanceof StoreConflict) return await attempt(call, work);
        throw error;
      }
    },

    kept: (call) => find(call, store),

    async join<Response>(call: Call<Response>, run: () => Promise<Response>): Promise<Response> {
      if (call.requestId === "") return run();
      const key = keyOf(call);
      const fingerprint = fingerprintOf(call);
      for (;;) {
        const other = running.get(key);
        if (!other) break;
        if (other.fingerprint !== fingerprint) throw requestIdReused(call.requestId);
        try {
          return (await other.response) as Response;
        } catch {
          // The other call's failure may be its own; this one finds out for itself.
        }
      }
      const response = run();
      running.set(key, { fingerprint, response });
      try {
        return await response;
      } finally {
        running.delete(key);
      }
    },
  };
}

function keyOf({ scope, requestId }: Call<unknown>): string {
  return `${scope}/${requestId}`;
}

function fingerprintOf({ method, request }: Call<unknown>): string {
  return createHash("sha256").update(method).update("\0").update(request).digest("base64url");
}
