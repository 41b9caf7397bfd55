import { trace } from "@opentelemetry/api";
import { destination, type Logger, pino } from "pino";

export type { Logger } from "pino";

const secretNames = ["authorization", "token", "tokenSha256", "password", "privateKey", "cookie"];

/** Keys whose values are secrets, at the top of a log line and up to two levels below. */
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

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
      // What should not get here in the first place.
      redact: { paths: secretPaths, censor: "[secret]" },
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
