/** Writes a token's fields one behind the other, numbers little-endian. */
export interface TokenWriter {
  uint8(value: number): void;
  uint32(value: number): void;
  float64(value: number): void;
  bytes(value: Uint8Array): void;
  text(value: string): void;
  texts(values: readonly string[]): void;
  /** What was written. The writer is then done. */
  finish(): Uint8Array;
}

/** Reads what {@link TokenWriter} wrote. @throws {RangeError} beyond the end */
export interface TokenReader {
  uint8(): number;
  uint32(): number;
  float64(): number;
  /** @throws {TypeError} if the bytes are no text */
  text(): string;
  texts(): string[];
  /** @throws {RangeError} if something follows */
  end(): void;
}

const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }) };

export function createTokenWriter(): TokenWriter {
  let view = new DataView(new ArrayBuffer(256));
  let at = 0;
  /** Where the next `size` bytes go; `view` may be another one afterwards. */
  function reserve(size: number): number {
    if (at + size > view.byteLength) {
      const larger = new Uint8Array(2 * (at + size));
      larger.set(new Uint8Array(view.buffer, 0, at));
      view = new DataView(larger.buffer);
    }
    at += size;
    return at - size;
  }
  const writer: TokenWriter = {
    uint8(value) {
      const start = reserve(1);
      view.setUint8(start, value);
    },
    uint32(value) {
      const start = reserve(4);
      view.setUint32(start, value, true);
    },
    float64(value) {
      const start = reserve(8);
      view.setFloat64(start, value, true);
    },
    bytes(value) {
      const start = reserve(value.length);
      new Uint8Array(view.buffer).set(value, start);
    },
    text(value) {
      const encoded = utf8.encoder.encode(value);
      writer.uint32(encoded.length);
      writer.bytes(encoded);
    },
    texts(values) {
      writer.uint32(values.length);
      for (const value of values) writer.text(value);
    },
    finish: () => new Uint8Array(view.buffer, 0, at),
  };
  return writer;
}

export function createTokenReader(token: Uint8Array): TokenReader {
  const view = new DataView(token.buffer, token.byteOffset, token.byteLength);
  let at = 0;
  const take = (size: number) => {
    at += size;
    return at - size;
  };
  const reader: TokenReader = {
    uint8: () => view.getUint8(take(1)),
    uint32: () => view.getUint32(take(4), true),
    float64: () => view.getFloat64(take(8), true),
    text() {
      const length = reader.uint32();
      const start = take(length);
      if (at > token.length) throw new RangeError("the token is too short");
      return utf8.decoder.decode(token.subarray(start, at));
    },
    texts() {
      const values: string[] = [];
      for (let left = reader.uint32(); left > 0; left--) values.push(reader.text());
      return values;
    },
    end() {
      if (at !== token.length) throw new RangeError("the token is too long");
    },
  };
  return reader;
}
