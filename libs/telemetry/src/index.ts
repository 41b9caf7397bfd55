export { attribute, metricName, spanAttributes, spanLinkLimits, spanName } from "./conventions.ts";
export { startTelemetry, type Telemetry, type TelemetryOptions } from "./setup.ts";
export { withSpan } from "./span.ts";
export {
  activeTraceparent,
  formatTraceparent,
  parseTraceparent,
  recordTrialSpan,
  type TrialSpan,
  trialTraceparent,
  withRemoteParent,
} from "./trial-span.ts";
