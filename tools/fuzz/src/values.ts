import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { Rng } from "@superbatch/random";
import { hostileTexts } from "./hostile-texts.ts";
import type { Names } from "./names.ts";
import { type Entry, wire } from "./wire.ts";

const doubles = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  10,
  Number.NaN,
  Infinity,
  -Infinity,
  5e-324,
  1e-300,
  1e308,
  -1e308,
  2 ** 53,
  1 / 3,
];
const whole = [0n, 1n, 2n, 3n, 5n, 7n, 64n, 127n, 128n, 255n, 1000n, 65_536n];
const extreme = [
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

export function pick<T>(rng: Rng, list: readonly T[]): T {
  return list[rng.integer(list.length)]!;
}

/** A value for a field, mostly one at the edge of what it may hold, on the wire type that fits. */
export function interestingValue(rng: Rng, field: DescField, names: Names): Pick<Entry, "wire" | "value"> {
  const scalar = scalarOf(field);
  if (scalar === "enum") return { wire: wire.varint, value: pick(rng, [0n, 1n, 2n, 3n, 4n, 99n, 2n ** 64n - 1n]) };
  switch (scalar) {
    case ScalarType.DOUBLE:
      return { wire: wire.fixed64, value: bitsOf(double(rng)) };
    case ScalarType.FLOAT:
      return { wire: wire.fixed32, value: BigInt(rng.uint32()) };
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return { wire: wire.fixed64, value: pick(rng, [...whole, ...extreme]) };
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return { wire: wire.fixed32, value: pick(rng, [...whole, ...extreme]) };
    case ScalarType.STRING:
      return { wire: wire.bytes, value: Buffer.from(text(rng, field.name, names)) };
    case ScalarType.BYTES:
      return { wire: wire.bytes, value: bytes(rng, field.name, names) };
    case ScalarType.BOOL:
      return { wire: wire.varint, value: pick(rng, [0n, 1n, 2n]) };
    default:
      return { wire: wire.varint, value: pick(rng, rng.integer(3) > 0 ? whole : extreme) };
  }
}

/** A text: one that names something, or one that means harm. */
export function text(rng: Rng, field: string, names: Names): string {
  const known = rng.integer(2) === 0 ? names.any(field, rng) : undefined;
  if (known !== undefined) return known;
  const hostile = pick(rng, hostileTexts);
  // A good name with something bad in it comes further than the bad thing alone.
  const name = names.any(field, rng);
  return name !== undefined && rng.integer(4) === 0 ? `${name}${hostile}` : hostile;
}

function double(rng: Rng): number {
  return rng.integer(3) === 0 ? rng.normal() * 10 ** (rng.integer(20) - 10) : pick(rng, doubles);
}

function bytes(rng: Rng, field: string, names: Names): Uint8Array {
  const known = names.bytes(field, rng);
  if (known && rng.integer(3) > 0) return known;
  const length = pick(rng, [0, 1, 7, 8, 16, 64, 800]);
  if (rng.integer(2) === 0) return Buffer.from(Float64Array.from({ length: length >> 3 }, () => double(rng)).buffer);
  return Buffer.from(Array.from({ length }, () => rng.integer(256)));
}

function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

function scalarOf(field: DescField): ScalarType | "enum" {
  if (field.fieldKind === "enum" || (field.fieldKind === "list" && field.listKind === "enum")) return "enum";
  if (field.fieldKind === "scalar") return field.scalar;
  return field.fieldKind === "list" && field.listKind === "scalar" ? field.scalar : ScalarType.BYTES;
}
