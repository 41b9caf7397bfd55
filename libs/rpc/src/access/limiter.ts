import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { rpcError } from "../errors.ts";

export interface LimiterOptions {
  /** Requests that one caller may begin in a second. */
  readonly requestsPerSecond: number;
  /** Calls that one caller may have in flight, streams and long polls included. */
  readonly calls: number;
}

/** What one caller may ask of the service at once and in a second. */
export interface Limiter {
  /**
   * Counts a call that begins.
   *
   * @param caller - principal, or address of who has none.
   * @returns what to call when it has ended.
   * @throws {RpcError} RATE_LIMITED or CALL_LIMIT_EXCEEDED, with the delay after which to try again.
   */
  begin(caller: string): Promise<() => void>;
}

export function createLimiter({ requestsPerSecond, calls }: LimiterOptions): Limiter {
  const rate = new RateLimiterMemory({ points: requestsPerSecond, duration: 1 });
  const inFlight = new Map<string, number>();
  return {
    async begin(caller) {
      const running = inFlight.get(caller) ?? 0;
      if (running >= calls) {
        const quota = { subject: caller, description: `calls in flight, at most ${calls}` };
        throw rpcError("CALL_LIMIT_EXCEEDED", { caller, limit: calls }, { retryAfterSeconds: 1, quota });
      }
      inFlight.set(caller, running + 1);
      const end = () => {
        const left = inFlight.get(caller)! - 1;
        if (left > 0) inFlight.set(caller, left);
        else inFlight.delete(caller);
      };
      try {
        await rate.consume(caller);
        return end;
      } catch (reason) {
        end();
        if (!(reason instanceof RateLimiterRes)) throw reason;
        const quota = { subject: caller, description: `requests in a second, at most ${requestsPerSecond}` };
        const retryAfterSeconds = reason.msBeforeNext / 1000;
        throw rpcError("RATE_LIMITED", { caller, limit: requestsPerSecond }, { retryAfterSeconds, quota });
      }
    },
  };
}
