import { metrics } from "@opentelemetry/api";
import { attribute } from "@superbatch/telemetry";
import type { SessionRegistry } from "./domain/session-registry.ts";

/**
 * Reports each session's measures as OpenTelemetry gauges and counters, read when the exporter asks. Without a meter provider nothing happens.
 *
 * superbatch.sampler.sessions (count), .tau (in batch sizes), .effective_sample_size (examples), .importance_share (of steps), .steps, .waiting (seconds that rounds waited for reports).
 */
export function observeSessions(registry: SessionRegistry): void {
  const meter = metrics.getMeter("@superbatch/importance-sampler");
  const name = (measure: string) => `superbatch.sampler.${measure}`;
  const sessions = meter.createObservableGauge(name("sessions"), { description: "Sessions held by this replica." });
  const tau = meter.createObservableGauge(name("tau"), { description: "Tracked variance reduction, in batch sizes." });
  const size = meter.createObservableGauge(name("effective_sample_size"), {
    description: "Effective sample size of the last mini-batch.",
    unit: "{example}",
  });
  const share = meter.createObservableGauge(name("importance_share"), {
    description: "Share of steps whose mini-batch was drawn by importance.",
  });
  const steps = meter.createObservableCounter(name("steps"), { description: "Complete steps." });
  const waiting = meter.createObservableCounter(name("waiting"), {
    description: "Time that steps waited for workers' reports.",
    unit: "s",
  });
  meter.addBatchObservableCallback(
    (result) => {
      const all = registry.all();
      result.observe(sessions, all.length);
      for (const live of all) {
        const { rounds, importanceRounds, effectiveSampleSize, tau: tracked } = live.session.status();
        const labels = { [attribute.session]: live.name };
        result.observe(tau, tracked, labels);
        result.observe(size, effectiveSampleSize, labels);
        result.observe(share, rounds === 0 ? 0 : importanceRounds / rounds, labels);
        result.observe(steps, rounds, labels);
        result.observe(waiting, live.waitingSeconds(), labels);
      }
    },
    [sessions, tau, size, share, steps, waiting],
  );
}
