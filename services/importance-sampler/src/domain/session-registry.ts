import { randomUUID } from "node:crypto";
import type { SessionSpec } from "@superbatch/is-sgd";
import { type Clock, createLiveSession, type LiveSession } from "./live-session.ts";

/** What one server, and one tenant of it, may hold. */
export interface SessionLimits {
  /** Sessions of all tenants. */
  readonly sessions: number;
  /** Sessions of one tenant. */
  readonly sessionsPerTenant: number;
  /** N of a session. */
  readonly examples: number;
  /** B of a session, grown or not. */
  readonly superBatchSize: number;
  /** Σ N over a tenant's sessions with loss history, which hold up to 12 bytes per example. */
  readonly historyExamplesPerTenant: number;
}

/** A request that goes beyond a limit. The caller makes a RESOURCE_EXHAUSTED of it. */
export class LimitExceeded extends Error {
  readonly subject: string;
  readonly actual: number;
  readonly limit: number;

  constructor(subject: string, actual: number, limit: number) {
    super(`${subject}: ${actual}, at most ${limit}`);
    this.name = "LimitExceeded";
    this.subject = subject;
    this.actual = actual;
    this.limit = limit;
  }
}

export interface OpenOptions {
  readonly tenant: string;
  readonly spec: SessionSpec;
  /** Empty: from the start. */
  readonly token: Uint8Array;
  /** @default a new name */
  readonly name?: string;
}

/** The sessions of one replica. */
export interface SessionRegistry {
  /** @throws {LimitExceeded} @throws {FieldError} if spec or token are wrong */
  open(options: OpenOptions): LiveSession;
  /** A tenant sees only its own. */
  find(tenant: string, name: string): LiveSession | undefined;
  /** Removes a session and fails its streams. Unknown names are no error. */
  close(tenant: string, name: string, reason: (worker: string) => unknown): void;
  /** Removes the sessions in which nothing happened for `idleSeconds`. */
  expire(reason: (session: LiveSession) => unknown): void;
  all(): readonly LiveSession[];
}

export function createSessionRegistry(
  limits: SessionLimits,
  idleSeconds: number,
  graceSeconds: number,
  clock: Clock,
): SessionRegistry {
  const entries = new Map<string, { tenant: string; live: LiveSession }>();
  // Both may hold any character: no tenant may name its way into another's sessions.
  const key = (tenant: string, name: string) => JSON.stringify([tenant, name]);

  function checkLimits(tenant: string, spec: SessionSpec): void {
    const check = (subject: string, actual: number, limit: number) => {
      if (actual > limit) throw new LimitExceeded(subject, actual, limit);
    };
    const own = [...entries.values()].filter((entry) => entry.tenant === tenant).map(({ live }) => live.session);
    const largest = spec.adaptive?.max ?? spec.superBatchSize ?? spec.batchSize;
    check("spec.examples", spec.examples, limits.examples);
    check("spec.super_batch_size", largest, limits.superBatchSize);
    check("sessions of this service", entries.size + 1, limits.sessions);
    check("sessions of this tenant", own.length + 1, limits.sessionsPerTenant);
    const recorded = own.filter(({ historyBytes }) => historyBytes > 0).reduce((sum, s) => sum + s.spec.examples, 0);
    if (spec.scheme === "loss-history")
      check("examples with loss history of this tenant", recorded + spec.examples, limits.historyExamplesPerTenant);
  }

  return {
    open({ tenant, spec, token, name = randomUUID() }) {
      checkLimits(tenant, spec);
      const live = createLiveSession({ name, spec, token, graceSeconds, clock });
      entries.set(key(tenant, name), { tenant, live });
      return live;
    },
    find: (tenant, name) => entries.get(key(tenant, name))?.live,
    close(tenant, name, reason) {
      entries.get(key(tenant, name))?.live.end(reason);
      entries.delete(key(tenant, name));
    },
    expire(reason) {
      for (const [name, { live }] of entries) {
        if (clock.now() - live.lastUse() < idleSeconds) continue;
        entries.delete(name);
        live.end(() => reason(live));
      }
    },
    all: () => [...entries.values()].map(({ live }) => live),
  };
}
