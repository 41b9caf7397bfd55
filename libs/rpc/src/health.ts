import type { CallContext } from "nice-grpc-common";
import { HealthServiceImpl, HealthState } from "nice-grpc-server-health";
import { rpcError } from "./errors.ts";

/** Name under which a server says that its process works at all: SERVING also while it drains, so that nobody kills it then. */
export const liveness = "liveness";
/** Name under which a server says whether calls should be sent to it; the empty name means the same. */
export const readiness = "readiness";

/**
 * What a service depends on, by a short name (`store`), and what its absence means: without a `required` one no call can be answered and the
 * service is not ready; without an `optional` one some calls fail, or take longer.
 */
export type Dependencies = Readonly<Record<string, "required" | "optional">>;

/**
 * The state behind grpc.health.v1: {@link liveness}, {@link readiness} and the empty name for the server, the full name of each of its
 * services, and the short name of each thing that it depends on.
 */
export interface Health {
  /** Sets the state of a dependency. @throws {RangeError} if the service has none of that name. */
  setDependency(name: string, serving: boolean): void;
  /** Whether the service takes calls at all; it is ready then if all that it requires is there. */
  setAccepting(accepting: boolean): void;
  readonly implementation: ReturnType<typeof HealthServiceImpl>;
}

/**
 * @param services - full names, `superbatch.surrogate.v1.SurrogateService`. All but liveness is NOT_SERVING at first.
 * @param stopping - aborted once NOT_SERVING has been announced: watchers are then sent away, for they would hold the server open.
 */
export function createHealth(services: readonly string[], dependencies: Dependencies, stopping: AbortSignal): Health {
  const state = HealthState();
  // One for each call of Watch.
  state.setMaxListeners(0);
  let accepting = false;
  const set = (name: string, serving: boolean) => state.setStatus(serving ? "healthy" : "unhealthy", name);
  const settle = () => {
    const required = Object.keys(dependencies).filter((name) => dependencies[name] === "required");
    const ready = accepting && required.every((name) => state.getStatus(name) === "healthy");
    for (const name of ["", readiness, ...services]) set(name, ready);
  };
  for (const name of Object.keys(dependencies)) set(name, false);
  settle();
  set(liveness, true);
  const { check, watch } = HealthServiceImpl(state);
  return {
    setDependency(name, serving) {
      if (dependencies[name] === undefined) throw new RangeError(`${name} is no dependency of this service`);
      set(name, serving);
      settle();
    },
    setAccepting(now) {
      accepting = now;
      settle();
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
