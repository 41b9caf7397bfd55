export { decodeMetrics, type ReceivedMetric } from "./decode-metrics.ts";
export { decodeSpans, type ReceivedSpan } from "./decode-spans.ts";
export { type OtlpReceiver, startOtlpReceiver } from "./otlp-receiver.ts";
export { type SpanNode, spanTree, unexpectedAttributes } from "./span-tree.ts";
