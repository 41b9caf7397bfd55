import { attributes, type Field, fields, hex, messages, text } from "./wire.ts";

/** A span as it was received. */
export interface ReceivedSpan {
  /** Name of the service that sent it. */
  readonly service: string;
  /** Process id of the sender, to tell replicas apart; 0 if it did not say. */
  readonly pid: number;
  readonly name: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** 16 hex digits, or empty for a root. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Nanoseconds since 1970. */
  readonly startNanoseconds: bigint;
  readonly endNanoseconds: bigint;
  /** True if the span's status is an error. */
  readonly failed: boolean;
  /** The spans that it links to. */
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** The spans of a serialized ExportTraceServiceRequest. */
export function decodeSpans(request: Uint8Array): ReceivedSpan[] {
  return messages(fields(request), 1).flatMap((resourceSpans) => {
    const resource = attributes(messages(resourceSpans, 1)[0], 1);
    const spans = messages(resourceSpans, 2).flatMap((scopeSpans) => messages(scopeSpans, 2));
    return spans.map((span) => decodeSpan(span, resource));
  });
}

function decodeSpan(span: Map<number, Field[]>, resource: Record<string, unknown>): ReceivedSpan {
  const status = messages(span, 15)[0];
  return {
    service: String(resource["service.name"] ?? ""),
    pid: Number(resource["process.pid"] ?? 0),
    name: text(span.get(5)?.[0]),
    traceId: hex(span.get(1)?.[0]),
    spanId: hex(span.get(2)?.[0]),
    parentSpanId: hex(span.get(4)?.[0]),
    attributes: attributes(span, 9),
    startNanoseconds: span.get(7)?.[0] as bigint,
    endNanoseconds: span.get(8)?.[0] as bigint,
    failed: status?.get(3)?.[0] === 2n,
    links: messages(span, 13).map((link) => ({ traceId: hex(link.get(1)?.[0]), spanId: hex(link.get(2)?.[0]) })),
  };
}
