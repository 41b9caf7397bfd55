import { trace } from "@opentelemetry/api";
import { destination, pino } from "pino";
import { ConfigError } from "../config-error.ts";

/** Who did what to which resource, and what came of it. */
export interface AuditEvent {
  readonly principal: string;
  /** The RPC's full name. */
  readonly method: string;
  /** Name of the project, study or trial; empty if the call belongs to none, or was refused before it was read. */
  readonly resource: string;
  /** Name of the gRPC code with which the call ended. */
  readonly result: string;
  /** The catalogue's reason if the service's guard refused the call. */
  readonly reason?: string;
  /** Address of the caller. */
  readonly peer: string;
  /** Of the caller's trace, if it sent one. */
  readonly traceId?: string;
}

export type Audit = (event: AuditEvent) => void;

/**
 * JSON lines with `"log":"audit"`, apart from the other log lines' level: to a file, or among them on stderr.
 *
 * @param service - name of the service, on each line.
 * @throws {ConfigError} if the file cannot be opened.
 */
export function createAudit(service: string, file: string | undefined): Audit {
  let stream: ReturnType<typeof destination>;
  try {
    stream = destination({ dest: file ?? 2, sync: true, append: true });
  } catch (error) {
    throw new ConfigError([`--audit-file: ${(error as Error).message}`]);
  }
  const logger = pino(
    {
      name: service,
      base: { log: "audit" },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    stream,
  );
  return (event) => logger.info({ ...event, ...traceOf(event) }, "audit");
}

function traceOf({ traceId }: AuditEvent): { traceId?: string } {
  const active = traceId ?? trace.getActiveSpan()?.spanContext().traceId;
  return active === undefined ? {} : { traceId: active };
}
