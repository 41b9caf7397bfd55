import type { CallContext } from "nice-grpc-common";
import { HealthServiceImpl, HealthState } from "nice-grpc-server-health";
import { rpcError } from "./errors.ts";

/** Name under which a server says that its process works at all: SERVING also while it drains, so that nobody kills it then. */
export const liveness = "liveness";
/** Name under which a server says whether calls should be sent to it; the empty name means the same. */
export const readiness = "readiness";

/**
 * The state behind grpc.health.v1: {@link liveness}, {@link readiness} and the empty name for the server, the full name of each of its
 * services, and the short name of each thing that it depends on (`store`, `surrogate`).
 */
export interface Health {
  /** Sets the state of one service or dependency, for instance while what it depends on is away. */
  set(service: string, serving: boolean): void;
  setAll(serving: boolean): void;
  readonly implementation: ReturnType<typeof HealthServiceImpl>;
}

/**
 * @param services - full names, `superbatch.surrogate.v1.SurrogateService`. All but liveness is NOT_SERVING at first.
 * @param dependencies - short names; their state is set by {@link Health.set} alone.
 * @param stopping - aborted once NOT_SERVING has been announced: watchers are then sent away, for they would hold the server open.
 */
export function createHealth(
  services: readonly string[],
  dependencies: readonly string[],
  stopping: AbortSignal,
): Health {
  const state = HealthState();
  const names = ["", readiness, ...services];
  const set = (service: string, serving: boolean) => state.setStatus(serving ? "healthy" : "unhealthy", service);
  for (const name of [...names, ...dependencies]) set(name, false);
  set(liveness, true);
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
