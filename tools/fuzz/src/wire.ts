import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** Wire types of protobuf that are in use. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field as it lies on the wire. */
export interface Entry {
  number: number;
  wire: number;
  /** Absent for numbers that the message does not have. */
  field: DescField | undefined;
  /** A message is a list of entries; numbers are their bits. */
  value: bigint | Uint8Array | Entry[];
}

/**
 * A message as entries, to be changed at will: what can be written is more than what any message's type allows.
 *
 * @throws {RangeError} if the bytes are cut off.
 */
export function parseWire(type: DescMessage | undefined, bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Entry[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) throw new RangeError("cut off");
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError("too long a varint");
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    const field = type?.fields.find((candidate) => candidate.number === number);
    let value: Entry["value"];
    if (wireType === wire.varint) value = varint();
    else if (wireType === wire.fixed64) {
      value = view.getBigUint64(at, true);
      at += 8;
    } else if (wireType === wire.fixed32) {
      value = BigInt(view.getUint32(at, true));
      at += 4;
    } else if (wireType === wire.bytes) {
      const length = Number(varint());
      if (at + length > bytes.length) throw new RangeError("cut off");
      const content = bytes.subarray(at, at + length);
      at += length;
      const message = field && messageOf(field);
      value =
        message === undefined
          ? content
          : message === "map"
            ? parseMapEntry(field!, content)
            : parseWire(message, content);
    } else throw new RangeError(`no wire type ${wireType}`);
    entries.push({ number, wire: wireType, field, value });
  }
  return entries;
}

/** The type of a field's messages; "map" for the entries of a map. */
export function messageOf(field: DescField): DescMessage | "map" | undefined {
  if (field.fieldKind === "message") return field.message;
  if (field.fieldKind === "list" && field.listKind === "message") return field.message;
  return field.fieldKind === "map" ? "map" : undefined;
}

/** Key and value of a map's entry; the value's message is read in turn. */
function parseMapEntry(field: DescField, bytes: Uint8Array): Entry[] {
  const entries = parseWire(undefined, bytes);
  if (field.fieldKind !== "map" || field.mapKind !== "message") return entries;
  return entries.map((entry) =>
    entry.number === 2 && entry.value instanceof Uint8Array
      ? { ...entry, value: parseWire(field.message, entry.value) }
      : entry,
  );
}

export function encodeWire(entries: readonly Entry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, wire: wireType, value } of entries) {
    parts.push(varintOf((BigInt(number) << 3n) | BigInt(wireType)));
    if (typeof value === "bigint") parts.push(numberBytes(wireType, value));
    else {
      const content = Array.isArray(value) ? encodeWire(value) : value;
      parts.push(varintOf(BigInt(content.length)), content);
    }
  }
  return Buffer.concat(parts);
}

function numberBytes(wireType: number, value: bigint): Uint8Array {
  if (wireType === wire.varint) return varintOf(value);
  const bytes = Buffer.alloc(wireType === wire.fixed64 ? 8 : 4);
  if (wireType === wire.fixed64) bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  else bytes.writeUInt32LE(Number(BigInt.asUintN(32, value)));
  return bytes;
}

function varintOf(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const more = rest > 127n;
    bytes.push(Number(rest & 127n) | (more ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
