import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Rng } from "@superbatch/random";
import { mutateJson } from "./mutate-json.ts";
import type { Names } from "./names.ts";
import { interestingValue, pick, text } from "./values.ts";
import { type Entry, encodeWire, messageOf, parseWire, wire } from "./wire.ts";

/** A message in the tree, with the list that may be changed. */
interface Node {
  readonly entries: Entry[];
  readonly type: DescMessage | undefined;
}

/**
 * Changes a message in one to three places: values at the edges of what a field may hold, fields that are missing, repeated, unknown or of another
 * type, subtrees that were made up; one in six times the bytes themselves.
 */
export function mutate(rng: Rng, type: DescMessage, bytes: Uint8Array, names: Names): Uint8Array {
  const root = parseWire(type, bytes);
  const places = [1, 1, 1, 2, 3][rng.integer(5)]!;
  for (let left = places; left > 0; left--) change(rng, pick(rng, nodesOf({ entries: root, type })), names);
  const written = encodeWire(root);
  return rng.integer(6) === 0 ? mutateBytes(rng, written) : written;
}

/** A message out of nothing but its type. */
export function generate(rng: Rng, type: DescMessage, names: Names, depth = 0): Entry[] {
  const entries: Entry[] = [];
  for (const field of type.fields) {
    if (rng.integer(4) === 0) continue;
    const repeated = field.fieldKind === "list" || field.fieldKind === "map";
    for (let left = repeated ? rng.integer(4) : 1; left > 0; left--)
      entries.push(generateField(rng, field, names, depth));
  }
  return entries;
}

function generateField(rng: Rng, field: DescField, names: Names, depth: number): Entry {
  const base = { number: field.number, field };
  const message = messageOf(field);
  if (message === undefined) return { ...base, ...interestingValue(rng, field, names) };
  if (message === "map") return { ...base, wire: wire.bytes, value: mapEntry(rng, field, names, depth) };
  return { ...base, wire: wire.bytes, value: depth > 6 ? [] : generate(rng, message, names, depth + 1) };
}

function mapEntry(rng: Rng, field: DescField, names: Names, depth: number): Entry[] {
  const key = { number: 1, wire: wire.bytes, field: undefined, value: Buffer.from(text(rng, "key", names)) };
  if (field.fieldKind !== "map") return [key];
  const base = { number: 2, field: undefined };
  if (field.mapKind === "message")
    return [key, { ...base, wire: wire.bytes, value: generate(rng, field.message, names, depth + 1) }];
  if (field.mapKind === "scalar" && field.scalar === 1)
    return [
      key,
      {
        ...base,
        wire: wire.fixed64,
        value: pick(rng, [0n, 1n, 0x7ff0000000000000n, 0x7ff8000000000000n, 0x3ff0000000000000n]),
      },
    ];
  return [key, { ...base, wire: wire.bytes, value: Buffer.from(text(rng, "value", names)) }];
}

function nodesOf(node: Node): Node[] {
  const nodes = [node];
  for (const { field, value } of node.entries) {
    if (!Array.isArray(value)) continue;
    const type = field && messageOf(field);
    nodes.push(...nodesOf({ entries: value, type: type === "map" ? undefined : type }));
  }
  return nodes;
}

function change(rng: Rng, { entries, type }: Node, names: Names): void {
  const at = entries.length === 0 ? -1 : rng.integer(entries.length);
  const entry = entries[at];
  const fields = type?.fields ?? [];
  switch (rng.integer(8)) {
    case 0:
      if (entry) entries.splice(at, 1);
      return;
    case 1:
      // Seldom so often that a list's limit is met.
      if (entry)
        for (let left = rng.integer(20) === 0 ? 300 : 1 + rng.integer(3); left > 0; left--) entries.push(entry);
      return;
    case 2:
    case 3:
      if (fields.length > 0) entries.push(generateField(rng, pick(rng, fields), names, 3));
      return;
    case 4:
      if (entry) {
        // A field of this number, but not of this type: skipped or refused, never believed.
        entry.wire = pick(rng, Object.values(wire));
        entry.value = entry.wire === wire.bytes ? Buffer.alloc(15, "other") : BigInt(rng.uint32());
      } else entries.push({ number: 1 + rng.integer(5000), wire: wire.varint, field: undefined, value: 1n });
      return;
    default:
      if (!entry || Array.isArray(entry.value)) return;
      if (entry.field?.name === "chunk" && entry.value instanceof Uint8Array)
        entry.value = mutateJson(rng, entry.value);
      else if (entry.field) Object.assign(entry, interestingValue(rng, entry.field, names));
      else if (entry.value instanceof Uint8Array) entry.value = Buffer.from(text(rng, "key", names));
      else
        entry.value = pick(rng, [
          0n,
          1n,
          BigInt(rng.uint32()),
          2n ** 64n - 1n,
          0x7ff0000000000000n,
          0x7ff8000000000000n,
        ]);
  }
}

function mutateBytes(rng: Rng, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return Buffer.from([rng.integer(256)]);
  const at = rng.integer(bytes.length);
  const copy = Buffer.from(bytes);
  switch (rng.integer(4)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      copy[at] = copy[at]! ^ (1 << rng.integer(8));
      return copy;
    case 2:
      return Buffer.concat([
        copy.subarray(0, at),
        Buffer.from([rng.integer(256), rng.integer(256)]),
        copy.subarray(at),
      ]);
    default:
      copy[at] = rng.integer(256);
      return copy;
  }
}
