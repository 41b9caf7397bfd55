import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromBinary,
  ScalarType,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { descriptorSet } from "@superbatch/contracts";
import { z } from "zod";
import { commentOf } from "./message-comments.ts";

/**
 * Schemas of protobuf messages as people write them in YAML: fields in snake_case, of each oneof at most one, enum values as words
 * (`minimize` for GOAL_MINIMIZE), and parameter values as they are (`adam`, not `{text: adam}`). Derived from the contracts, comments
 * included, so that a field that enters a contract is in the schema.
 */
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet()));

export function messageNamed(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (!found) throw new Error(`the contracts have no message ${name}`);
  return found;
}

/** @throws at use, with the path, for unknown keys, wrong types, and more than one alternative of a oneof. */
export function schemaOfMessage(message: DescMessage): z.ZodType {
  if (message.typeName === "superbatch.common.v1.Value")
    return describe(z.union([z.number(), z.string(), z.boolean()]), message);
  const fields = message.fields.map((field) => [field.name, describe(schemaOfField(field), field).optional()] as const);
  const object = z.strictObject(Object.fromEntries(fields));
  const oneofs = message.oneofs.map((oneof) => oneof.fields.map(({ name }) => name));
  if (oneofs.length === 0) return describe(object, message);
  const checked = object.superRefine((value: Readonly<Record<string, unknown>>, context) => {
    for (const names of oneofs) {
      const given = names.filter((name) => value[name] !== undefined);
      if (given.length > 1)
        context.addIssue({
          code: "custom",
          path: [given[1]!],
          message: `excludes ${given[0]}: give one of ${names.join(", ")}`,
        });
    }
  });
  // An alternative without settings may be named alone: `algorithm: tpe`.
  const words = message.oneofs.length === 1 && message.fields.every(({ oneof }) => oneof) ? oneofs[0]! : [];
  const whole = words.length > 0 ? z.union([z.enum(words as [string, ...string[]]), checked]) : checked;
  return describe(whole, message);
}

/** Enum values as words, without their common prefix. */
export function wordsOfEnum(desc: DescEnum): Map<string, string> {
  const named = desc.values.filter(({ number }) => number !== 0);
  return new Map(named.map(({ localName, name }) => [localName.toLowerCase(), name]));
}

function schemaOfField(field: DescField): z.ZodType {
  switch (field.fieldKind) {
    case "message":
      return schemaOfMessage(field.message);
    case "enum":
      return z.enum([...wordsOfEnum(field.enum).keys()] as [string, ...string[]]);
    case "scalar":
      return schemaOfScalar(field.scalar);
    case "list":
      if (field.listKind === "message") return z.array(schemaOfMessage(field.message));
      return z.array(
        field.listKind === "enum"
          ? z.enum([...wordsOfEnum(field.enum).keys()] as [string, ...string[]])
          : schemaOfScalar(field.scalar),
      );
    case "map":
      if (field.mapKind === "message") return z.record(z.string(), schemaOfMessage(field.message));
      return z.record(z.string(), field.mapKind === "enum" ? z.string() : schemaOfScalar(field.scalar));
  }
}

function schemaOfScalar(scalar: ScalarType): z.ZodType {
  switch (scalar) {
    case ScalarType.BOOL:
      return z.boolean();
    case ScalarType.STRING:
      return z.string();
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return z.number();
    case ScalarType.UINT32:
    case ScalarType.UINT64:
      return z.int().min(0);
    default:
      return z.int();
  }
}

function describe(schema: z.ZodType, desc: DescField | DescMessage): z.ZodType {
  const comment = commentOf(desc);
  return comment === "" ? schema : schema.describe(comment);
}
