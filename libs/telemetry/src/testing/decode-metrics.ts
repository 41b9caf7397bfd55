import { attributes, double, type Field, fields, messages, text } from "./wire.ts";

/** One data point of a metric as it was received. */
export interface ReceivedMetric {
  /** Name of the service that sent it. */
  readonly service: string;
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The value of a gauge or counter; the number of measurements of a histogram. */
  readonly value: number;
  /** The sum of a histogram's measurements. */
  readonly sum?: number;
}

/** Field numbers of the kinds of metrics that are decoded: gauge, sum, histogram. */
const numberKinds = [5, 7];
const histogramKind = 9;

/** The data points of a serialized ExportMetricsServiceRequest. */
export function decodeMetrics(request: Uint8Array): ReceivedMetric[] {
  return messages(fields(request), 1).flatMap((resourceMetrics) => {
    const service = String(attributes(messages(resourceMetrics, 1)[0], 1)["service.name"] ?? "");
    const metrics = messages(resourceMetrics, 2).flatMap((scopeMetrics) => messages(scopeMetrics, 2));
    return metrics.flatMap((metric) => decodeMetric(metric, service));
  });
}

function decodeMetric(metric: Map<number, Field[]>, service: string): ReceivedMetric[] {
  const common = { service, name: text(metric.get(1)?.[0]), unit: text(metric.get(3)?.[0]) };
  const pointsOf = (kind: number) => messages(metric, kind).flatMap((data) => messages(data, 1));
  const numbers = numberKinds.flatMap(pointsOf).map((point) => {
    const value = point.has(4) ? double(point.get(4)![0]) : Number(BigInt.asIntN(64, point.get(6)![0] as bigint));
    return { ...common, attributes: attributes(point, 7), value };
  });
  const histograms = pointsOf(histogramKind).map((point) => {
    return {
      ...common,
      attributes: attributes(point, 9),
      value: Number(point.get(4)![0]),
      sum: double(point.get(5)?.[0]),
    };
  });
  return [...numbers, ...histograms];
}
