import type { Rng } from "@superbatch/random";
import { hostileTexts } from "./hostile-texts.ts";
import { pick } from "./values.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Changes a study's file in one to three places, and now and then its text; what is no JSON is changed as bytes. */
export function mutateJson(rng: Rng, bytes: Uint8Array): Uint8Array {
  let root: Json;
  try {
    root = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[rng.integer(copy.length)] = rng.integer(256);
    return copy;
  }
  for (let left = 1 + rng.integer(3); left > 0; left--) root = change(rng, root);
  const text = JSON.stringify(root);
  // Numbers that JSON.stringify would never write.
  return Buffer.from(rng.integer(12) === 0 ? text.replace(/:\d+/, ":1e999") : text);
}

/** Walks down at random, and changes what it comes to. */
function change(rng: Rng, value: Json): Json {
  const keys = value !== null && typeof value === "object" ? Object.keys(value) : [];
  if (keys.length === 0 || rng.integer(8) === 0) return other(rng, value);
  const key = pick(rng, keys);
  const container = value as Record<string, Json>;
  if (rng.integer(8) === 0) {
    if (Array.isArray(value)) value.splice(Number(key), 1);
    else if (rng.integer(2) === 0) delete container[key];
    else container[pick(rng, hostileTexts)] = container[key]!;
  } else container[key] = change(rng, container[key]!);
  return value;
}

function other(rng: Rng, value: Json): Json {
  const numbers = [0, -1, 1, 0.5, 1e308, -1e308, 2 ** 53, 2 ** 31, 5e-324];
  const others: Json[] = [
    null,
    true,
    false,
    [],
    {},
    pick(rng, numbers),
    pick(rng, hostileTexts),
    [value],
    [[value], value],
  ];
  return pick(rng, typeof value === "number" && rng.integer(2) === 0 ? numbers : others);
}
