import { metrics } from "@opentelemetry/api";
import { attribute, metricName } from "@superbatch/telemetry";
import type { SessionRegistry } from "./domain/session-registry.ts";

/** Reports each session's measures as OpenTelemetry gauges and counters, read when the exporter asks. Without a meter provider nothing happens. */
export function observeSessions(registry: SessionRegistry): void {
  const meter = metrics.getMeter("@superbatch/importance-sampler");
  const sessions = meter.createObservableGauge(metricName.samplerSessions, { unit: "{session}" });
  const tau = meter.createObservableGauge(metricName.samplerTau, { unit: "{batch}" });
  const size = meter.createObservableGauge(metricName.samplerEffectiveSampleSize, { unit: "{example}" });
  const share = meter.createObservableGauge(metricName.samplerImportanceShare, { unit: "1" });
  const steps = meter.createObservableCounter(metricName.samplerSteps, { unit: "{step}" });
  const waiting = meter.createObservableCounter(metricName.samplerWaiting, { unit: "s" });
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
