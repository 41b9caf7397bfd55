import { invalidArgument } from "@superbatch/rpc";

/** Where a list goes on, as opaque text. */
export function encodePageToken(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/**
 * @param isKey - whether what the token holds is a key of this list.
 * @returns undefined for the empty token: the first page.
 * @throws INVALID_ARGUMENT if the text is not a token of this list.
 */
export function decodePageToken<Key>(token: string, isKey: (key: unknown) => key is Key): Key | undefined {
  if (token === "") return undefined;
  const key = parse(token);
  if (!isKey(key)) throw invalidArgument([{ path: "page_token", message: "is not a next_page_token of this list" }]);
  return key;
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param size - 0: the default.
 * @throws INVALID_ARGUMENT if it is too large.
 */
export function pageSize(size: number, defaultSize: number, limit: number): number {
  if (size > limit) throw invalidArgument([{ path: "page_size", message: `must be at most ${limit}, not ${size}` }]);
  return size === 0 ? defaultSize : size;
}
