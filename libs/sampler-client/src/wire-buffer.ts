/**
 * The protobuf wire format, as far as the sampler's stream needs it: varints up to 2⁵³, doubles, and bytes. A step is a few kilobytes of numbers
 * that the generated code would copy several times; here each is copied once.
 */
export interface WireWriter {
  /** A varint field; zero is left out, as proto3 has it. */
  varint(field: number, value: number): void;
  double(field: number, value: number): void;
  /** A field of bytes; empty ones are left out. */
  bytes(field: number, value: ArrayBufferView | undefined): void;
  /** A message field of `size` bytes, whose fields are to be written next. */
  message(field: number, size: number): void;
  /** What was written. @throws {RangeError} if it is not as many bytes as announced */
  finish(): Uint8Array;
}

/** @param size - bytes that will be written */
export function createWireWriter(size: number): WireWriter {
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  function raw(value: number): void {
    let rest = value;
    while (rest > 127) {
      buffer[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    buffer[at++] = rest;
  }
  return {
    varint(field, value) {
      if (value === 0) return;
      raw(field * 8);
      raw(value);
    },
    double(field, value) {
      if (value === 0) return;
      raw(field * 8 + 1);
      at = buffer.writeDoubleLE(value, at);
    },
    bytes(field, value) {
      if (!value?.byteLength) return;
      raw(field * 8 + 2);
      raw(value.byteLength);
      buffer.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), at);
      at += value.byteLength;
    },
    message(field, size) {
      raw(field * 8 + 2);
      raw(size);
    },
    finish() {
      if (at !== size) throw new RangeError(`${at} bytes were written where ${size} were announced`);
      return buffer;
    },
  };
}

/** Bytes that a field takes, by what is in it; fields have numbers below 16. */
export const sizeOf = {
  varint: (value: number): number => (value === 0 ? 0 : 1 + varintSize(value)),
  double: (value: number): number => (value === 0 ? 0 : 9),
  bytes: (length: number): number => (length === 0 ? 0 : 1 + varintSize(length) + length),
  message: (size: number): number => 1 + varintSize(size) + size,
};

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}

/**
 * Reads a message's fields in order.
 *
 * @param numbers - for varints and doubles: takes the value
 * @param spans - for bytes and messages: takes start and end of the contents in `bytes`
 * @throws {RangeError} if the bytes are no message
 */
export function readFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  numbers: (field: number, value: number) => void,
  spans: (field: number, start: number, end: number) => void,
): void {
  let at = start;
  function raw(): number {
    let value = 0;
    for (let scale = 1; at < end; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError("the message ends in the middle of a number");
  }
  while (at < end) {
    const tag = raw();
    const field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === 0) numbers(field, raw());
    else if (type === 1 || type === 5) {
      const size = type === 1 ? 8 : 4;
      if (at + size > end) throw new RangeError("the message ends in the middle of a number");
      if (type === 1) numbers(field, new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true));
      at += size;
    } else if (type === 2) {
      const length = raw();
      if (at + length > end) throw new RangeError("the message ends in the middle of a field");
      spans(field, at, at + length);
      at += length;
    } else throw new RangeError(`field ${field} has the unknown wire type ${type}`);
  }
}
