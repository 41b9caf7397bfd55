import { trace } from "@opentelemetry/api";
import { destination, type Logger, pino } from "pino";

export type { Logger } from "pino";

export interface LoggerOptions {
  /** Name of the service, on each line. */
  readonly name: string;
  /** @default "info": lifecycle and failures; single calls are at debug. */
  readonly level?: string;
}

/**
 * JSON lines on stderr, so that stdout stays free for a program's output. Each line inside a traced call carries its trace and span id.
 * Metadata of calls is never logged: it holds tokens.
 */
export function createLogger({ name, level = "info" }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      mixin() {
        const span = trace.getActiveSpan()?.spanContext();
        return span ? { traceId: span.traceId, spanId: span.spanId } : {};
      },
    },
    // Written at once: a line must not be lost when the process is killed right after.
    destination({ dest: 2, sync: true }),
  );
}
