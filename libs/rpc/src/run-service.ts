import { constants } from "node:os";
import { startTelemetry, type Telemetry } from "@superbatch/telemetry";
import type { z } from "zod";
import { type ConfigDefinition, type ConfigSchema, loadConfig } from "./config.ts";
import { ConfigError, HelpRequested } from "./config-error.ts";
import { createLogger, type Logger } from "./logger.ts";
import type { Service } from "./service.ts";

/** What `compose` gets to build a service from. */
export interface Composition<Config> {
  readonly config: Config;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/** Anything with a life that a process can be about: a {@link Service}, or a worker without a port. */
export type Runnable = Pick<Service, "start" | "stop"> & {
  /** Resolves when it ended of itself (a worker whose work is done); the process then stops too. */
  readonly finished?: Promise<void>;
  readonly address?: string;
};

/**
 * The whole of a main.ts: reads the configuration, sets up logs and telemetry, composes, starts, and stops on SIGTERM or SIGINT.
 * When it is ready it writes one line of JSON to stdout, `{"ready":"surrogate-model","address":"127.0.0.1:7602"}`, for whoever
 * started the process with port 0. Ends the process: 0 after a clean stop, 2 for a wrong configuration, 1 for a failure; a second
 * signal ends it at once.
 */
export async function runService<Schema extends ConfigSchema>(
  definition: ConfigDefinition<Schema>,
  compose: (composition: Composition<z.output<Schema>>) => Runnable | Promise<Runnable>,
): Promise<never> {
  let config: z.output<Schema>;
  try {
    config = loadConfig(definition, { argv: process.argv.slice(2), env: process.env });
  } catch (error) {
    return exitForConfig(definition.service, error);
  }
  const level = (config as { logLevel?: string }).logLevel;
  const logger = createLogger({ name: definition.service, ...(level !== undefined && { level }) });
  const telemetry = startTelemetry({ service: definition.service, env: process.env });
  try {
    const service = await compose({ config, logger, telemetry });
    const asked = stopSignals(logger);
    await service.start();
    const address = service.address === undefined ? {} : { address: service.address };
    process.stdout.write(`${JSON.stringify({ ready: definition.service, ...address })}\n`);
    const code = await Promise.race([asked, ...(service.finished ? [service.finished.then(() => 0)] : [])]);
    await service.stop();
    // A worker without a server has nobody else to flush for it; twice does no harm.
    await telemetry.shutdown();
    return process.exit(code);
  } catch (error) {
    if (error instanceof ConfigError) return exitForConfig(definition.service, error);
    logger.fatal({ err: error }, "failed");
    return process.exit(1);
  }
}

/** The exit code, once something asks for the end. */
function stopSignals(logger: Logger): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (code: number) => {
      if (asked) process.exit(code || 130);
      asked = true;
      resolve(code);
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        logger.info({ signal: constants.signals[signal] }, `received ${signal}`);
        stop(0);
      });
    }
    process.on("uncaughtException", (error) => {
      logger.fatal({ err: error }, "uncaught exception: stopping");
      stop(1);
    });
  });
}

function exitForConfig(service: string, error: unknown): never {
  if (error instanceof HelpRequested) {
    process.stdout.write(`${error.message}\n`);
    return process.exit(0);
  }
  if (!(error instanceof ConfigError)) throw error;
  for (const problem of error.problems) process.stderr.write(`${service}: ${problem}\n`);
  process.stderr.write(`${service}: --help lists all options\n`);
  return process.exit(2);
}
