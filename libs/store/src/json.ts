/** What a JSON column may hold. NaN and the infinities are not JSON: writers must not pass them. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}
