import { performance } from "node:perf_hooks";
import { descriptorSet } from "@superbatch/contracts";
import { createService, type Logger, notFound, type Service } from "@superbatch/rpc";
import type { Telemetry } from "@superbatch/telemetry";
import type { z } from "zod";
import type { config as definition } from "./config.ts";
import { createSessionRegistry } from "./domain/session-registry.ts";
import { observeSessions } from "./metrics.ts";
import { samplerService } from "./service.ts";

export interface SamplerComposition {
  readonly config: z.output<(typeof definition)["schema"]>;
  readonly logger: Logger;
  readonly telemetry?: Telemetry;
}

/** The importance sampler as a server that can be started. */
export function composeSampler({ config, logger, telemetry }: SamplerComposition): Service {
  const clock = {
    now: () => performance.now() / 1000,
    after(seconds: number, action: () => void) {
      const timer = setTimeout(action, seconds * 1000).unref();
      return () => clearTimeout(timer);
    },
    soon: (action: () => void) => void setImmediate(action),
  };
  const limits = {
    sessions: config.maxSessions,
    sessionsPerTenant: config.maxSessionsPerTenant,
    examples: config.maxExamples,
    superBatchSize: config.maxSuperBatchSize,
    historyExamplesPerTenant: config.maxHistoryExamplesPerTenant,
  };
  const registry = createSessionRegistry(limits, config.idleSeconds, config.workerGraceSeconds, clock);
  observeSessions(registry);
  let sweep: NodeJS.Timeout | undefined;
  return createService({
    name: "importance-sampler",
    config,
    logger,
    entries: [samplerService(registry)],
    descriptorSet: descriptorSet(),
    ...(telemetry ? { telemetry } : {}),
    onStart() {
      const period = Math.max(0.1, Math.min(60, config.idleSeconds / 4));
      sweep = setInterval(() => registry.expire(({ name }) => notFound("session", name)), period * 1000).unref();
    },
    onStop() {
      clearInterval(sweep);
    },
  });
}
