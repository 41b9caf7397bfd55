import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** One field of a message on the wire: bytes for messages and text, a number or bigint for the rest. */
export type Field = Uint8Array | number | bigint;

/** The fields of a message by number. OTLP is stable: its numbers stand for themselves here, as in opentelemetry/proto/trace/v1. */
export function fields(bytes: Uint8Array): Map<number, Field[]> {
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

export const messages = (parent: Map<number, Field[]>, number: number) =>
  (parent.get(number) ?? []).map((bytes) => fields(bytes as Uint8Array));
export const text = (field: Field | undefined) =>
  new TextDecoder().decode((field as Uint8Array | undefined) ?? new Uint8Array());
export const hex = (field: Field | undefined) => Buffer.from((field as Uint8Array | undefined) ?? []).toString("hex");

/** The KeyValue messages in field `number`. */
export function attributes(parent: Map<number, Field[]> | undefined, number: number): Record<string, unknown> {
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
      return double(field);
    case 5:
      return messages(fields(field as Uint8Array), 1).map(value);
    default:
      return undefined;
  }
}

/** A double, which was read as the integer of the same bits. */
export function double(field: Field | undefined): number {
  return new DataView(new BigUint64Array([field as bigint]).buffer).getFloat64(0, true);
}
