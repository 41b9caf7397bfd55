import type { CallContext } from "nice-grpc-common";
import { HealthServiceImpl, HealthState } from "nice-grpc-server-health";
import { rpcError } from "./errors.ts";

/** The state behind grpc.health.v1: of the whole server (the empty name) and of each of its services. */
export interface Health {
  /** Sets the state of one service, for instance while what it depends on is away. */
  set(service: string, serving: boolean): void;
  setAll(serving: boolean): void;
  readonly implementation: ReturnType<typeof HealthServiceImpl>;
}

/**
 * @param services - full names, `superbatch.surrogate.v1.SurrogateService`; the empty name is added. All are NOT_SERVING at first.
 * @param stopping - aborted once NOT_SERVING has been announced: watchers are then sent away, for they would hold the server open.
 */
export function createHealth(services: readonly string[], stopping: AbortSignal): Health {
  const state = HealthState();
  const names = ["", ...services];
  const set = (service: string, serving: boolean) => state.setStatus(serving ? "healthy" : "unhealthy", service);
  for (const name of names) set(name, false);
  const { check, watch } = HealthServiceImpl(state);
  return {
    set,
    setAll(serving) {
      for (const name of names) set(name, serving);
    },
    implementation: {
      check,
      async *watch(request, context: CallContext) {
        const signal = AbortSignal.any([context.signal, stopping]);
        try {
          yield* watch(request, { ...context, signal });
        } catch (error) {
          if (stopping.aborted) throw rpcError("SERVICE_STOPPING", { service: "health" }, { retryAfterSeconds: 1 });
          throw error;
        }
      },
    },
  };
}
