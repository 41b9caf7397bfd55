import { type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Rng } from "@superbatch/random";

/** Names of what exists, as the services told them, by the field that would name it in a request. */
export interface Names {
  any(field: string, rng: Rng): string | undefined;
  bytes(field: string, rng: Rng): Uint8Array | undefined;
  /** The last few that are known of a field. */
  of(field: string): readonly string[];
  /** Remembers what a response names. */
  learn(type: DescMessage, message: Message): void;
  add(field: string, value: string | Uint8Array): void;
}

/** Names remembered for each field. */
const kept = 24;

/** Fields that name the same things. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  study: ["study", "name", "prior_studies"],
  trial: ["trial", "name"],
  lease_id: ["lease_id"],
  session: ["session"],
  model: ["model"],
  next_page_token: ["page_token"],
  etag: ["etag"],
};

export function createNames(): Names {
  const texts = new Map<string, string[]>();
  const blobs = new Map<string, Uint8Array[]>();

  function keep<T>(map: Map<string, T[]>, field: string, value: T): void {
    const list = map.get(field) ?? [];
    if (list.includes(value)) return;
    list.push(value);
    if (list.length > kept) list.shift();
    map.set(field, list);
  }

  function add(field: string, value: string | Uint8Array): void {
    if (value.length === 0) return;
    if (typeof value !== "string") keep(blobs, field, value);
    else for (const name of fieldsOf[field] ?? []) keep(texts, name, value);
  }

  function learn(type: DescMessage, message: Message): void {
    const reflected = reflect(type, message);
    for (const field of type.fields) {
      const value = reflected.get(field) as unknown;
      if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) {
        const own = field.name === "name" ? { Study: "study", Trial: "trial" }[type.name] : field.name;
        if (own !== undefined) add(own, value as string);
      } else if (field.fieldKind === "scalar" && field.scalar === ScalarType.BYTES)
        add(field.name, value as Uint8Array);
      else if (field.fieldKind === "message" && reflected.isSet(field))
        learn(field.message, (value as { message: Message }).message);
      else if (field.fieldKind === "list" && field.listKind === "message") {
        for (const item of [...(value as Iterable<{ message: Message }>)].slice(0, 8))
          learn(field.message, item.message);
      }
    }
  }

  return {
    any(field, rng) {
      const list = texts.get(field) ?? [];
      return list.length === 0 ? undefined : list[rng.integer(list.length)];
    },
    bytes(field, rng) {
      const list = blobs.get(field) ?? [];
      return list.length === 0 ? undefined : list[rng.integer(list.length)];
    },
    of: (field) => texts.get(field) ?? [],
    learn,
    add,
  };
}
