import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { wordsOfEnum } from "./message-schema.ts";

/** A message as people write it (see message-schema.ts), checked, as canonical protobuf JSON. */
export function messageToJson(message: DescMessage, value: unknown): unknown {
  if (message.typeName === "superbatch.common.v1.Value") return valueToJson(value);
  // An alternative that is named alone.
  if (typeof value === "string") return { [jsonNameOf(message, value)]: {} };
  const entries = Object.entries(value as Readonly<Record<string, unknown>>).filter(
    ([, content]) => content !== undefined,
  );
  return Object.fromEntries(
    entries.map(([name, content]) => {
      const field = message.fields.find((candidate) => candidate.name === name)!;
      return [field.jsonName, fieldToJson(field, content)];
    }),
  );
}

function jsonNameOf(message: DescMessage, name: string): string {
  return message.fields.find((field) => field.name === name)!.jsonName;
}

function fieldToJson(field: DescField, value: unknown): unknown {
  switch (field.fieldKind) {
    case "message":
      return messageToJson(field.message, value);
    case "enum":
      return wordsOfEnum(field.enum).get(value as string);
    case "list":
      return (value as unknown[]).map((item) =>
        field.listKind === "message" ? messageToJson(field.message, item) : item,
      );
    case "map":
      if (field.mapKind !== "message") return value;
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, messageToJson(field.message, item)]),
      );
    default:
      return value;
  }
}

function valueToJson(value: unknown): unknown {
  if (typeof value === "number") return { number: value };
  return typeof value === "boolean" ? { flag: value } : { text: value };
}
