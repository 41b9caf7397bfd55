import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { createRng } from "@superbatch/random";
import { contracts, type FuzzedMethod, fuzzedMethods } from "./contracts.ts";
import { granted } from "./corpus.ts";
import { createNames, type Names } from "./names.ts";
import { type Entry, encodeWire, messageOf, parseWire, wire } from "./wire.ts";

/** Where a text can stand in a request: the fields on the way to it. A map has its texts as keys, and perhaps as values. */
export interface TextField {
  readonly called: FuzzedMethod;
  /** `study.spec.labels{key}` */
  readonly path: string;
  /** A good request with the text at that place. */
  request(text: string): Uint8Array;
}

/** Every text field of every request of every service, from the contracts' descriptors. */
export function textFields(names: Names = createNames()): TextField[] {
  return fuzzedMethods(contracts()).flatMap((called) =>
    places(called.method.input).map(({ path, entry }) => ({
      called,
      path,
      request(text) {
        const good = parseWire(called.method.input, granted(called, names, createRng(called.path)));
        // What comes later on the wire wins, and of messages is merged with what came before.
        return encodeWire([...good, entry(Buffer.from(text))]);
      },
    })),
  );
}

interface Place {
  readonly path: string;
  entry(text: Uint8Array): Entry;
}

/** Messages that hold themselves are followed so far. */
const deepest = 8;

function places(type: DescMessage, depth = 0): Place[] {
  if (depth > deepest) return [];
  return type.fields.flatMap((field) => placesIn(field, depth));
}

function placesIn(field: DescField, depth: number): Place[] {
  const base = { number: field.number, wire: wire.bytes, field };
  const message = messageOf(field);
  if (field.fieldKind === "map") {
    const key = (value: Uint8Array): Entry => ({ number: 1, wire: wire.bytes, field: undefined, value });
    const value = (content: Entry["value"]): Entry => ({
      number: 2,
      wire: wire.bytes,
      field: undefined,
      value: content,
    });
    const found: Place[] = [{ path: `${field.name}{key}`, entry: (text) => ({ ...base, value: [key(text)] }) }];
    if (field.mapKind === "scalar" && field.scalar === ScalarType.STRING)
      found.push({
        path: `${field.name}{value}`,
        entry: (text) => ({ ...base, value: [key(Buffer.of(0x6b)), value(text)] }),
      });
    if (field.mapKind === "message")
      for (const { path, entry } of places(field.message, depth + 1))
        found.push({
          path: `${field.name}{value}.${path}`,
          entry: (text) => ({ ...base, value: [key(Buffer.of(0x6b)), value([entry(text)])] }),
        });
    return found;
  }
  if (message !== undefined && message !== "map") {
    return places(message, depth + 1).map(({ path, entry }) => ({
      path: `${field.name}.${path}`,
      entry: (text) => ({ ...base, value: [entry(text)] }),
    }));
  }
  const isText =
    (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) ||
    (field.fieldKind === "list" && field.listKind === "scalar" && field.scalar === ScalarType.STRING);
  return isText ? [{ path: field.name, entry: (text) => ({ ...base, value: text }) }] : [];
}
