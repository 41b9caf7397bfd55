import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

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
  /** Span ids that it links to. */
  readonly links: readonly string[];
}

/** One field of a message on the wire: bytes for messages and text, a number or bigint for the rest. */
type Field = Uint8Array | number | bigint;

/** The fields of a message by number. OTLP is stable: its numbers stand for themselves here, as in opentelemetry/proto/trace/v1. */
function fields(bytes: Uint8Array): Map<number, Field[]> {
  const reader = new BinaryReader(bytes);
  const result = new Map<number, Field[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const list = result.get(number) ?? [];
    result.set(number, list);
    if (wireType === WireType.LengthDelimited) list.push(reader.bytes());
    else if (wireType === WireType.Bit64) list.push(BigInt(reader.fixed64()));
    else if (wireType === WireType.Bit32) list.push(reader.fixed32());
    else list.push(BigInt(reader.int64()));
  }
  return result;
}

const messages = (parent: Map<number, Field[]>, number: number) =>
  (parent.get(number) ?? []).map((bytes) => fields(bytes as Uint8Array));
const text = (field: Field | undefined) =>
  new TextDecoder().decode((field as Uint8Array | undefined) ?? new Uint8Array());
const hex = (field: Field | undefined) => Buffer.from((field as Uint8Array | undefined) ?? []).toString("hex");

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
    links: messages(span, 13).map((link) => hex(link.get(2)?.[0])),
  };
}

/** The KeyValue messages in field `number`. */
function attributes(parent: Map<number, Field[]> | undefined, number: number): Record<string, unknown> {
  if (!parent) return {};
  const pairs = messages(parent, number).map((pair) => [text(pair.get(1)?.[0]), value(messages(pair, 2)[0])] as const);
  return Object.fromEntries(pairs);
}

/** An AnyValue: string 1, bool 2, int 3, double 4, array 5. */
function value(any: Map<number, Field[]> | undefined): unknown {
  const [number, list] = [...(any ?? [])][0] ?? [];
  const field = list?.[0];
  switch (number) {
    case 1:
      return text(field);
    case 2:
      return field === 1n;
    case 3:
      return Number(field);
    case 4:
      return new DataView(new BigUint64Array([field as bigint]).buffer).getFloat64(0, true);
    case 5:
      return messages(fields(field as Uint8Array), 1).map(value);
    default:
      return undefined;
  }
}
