import { monitorEventLoopDelay } from "node:perf_hooks";
import { metrics } from "@opentelemetry/api";
import { metricName } from "./conventions.ts";

/**
 * Reports how late the event loop was since the last report, as gauges `nodejs.eventloop.delay.{p50,p99,max}` in seconds (OpenTelemetry's
 * semantic conventions for Node.js).
 *
 * @returns ends the measuring.
 */
export function measureEventLoop(): () => void {
  const histogram = monitorEventLoopDelay({ resolution: 10 });
  histogram.enable();
  const meter = metrics.getMeter("@superbatch/telemetry");
  const gauge = (name: string) => meter.createObservableGauge(name, { unit: "s" });
  const p50 = gauge(metricName.eventLoopDelayMedian);
  const p99 = gauge(metricName.eventLoopDelayHigh);
  const max = gauge(metricName.eventLoopDelayMax);
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(p50, histogram.percentile(50) / 1e9);
      result.observe(p99, histogram.percentile(99) / 1e9);
      result.observe(max, histogram.max / 1e9);
      histogram.reset();
    },
    [p50, p99, max],
  );
  return () => histogram.disable();
}
