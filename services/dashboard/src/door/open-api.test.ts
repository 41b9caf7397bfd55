import {
  create,
  type DescField,
  type DescMessage,
  type JsonValue,
  type Message,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { doorService } from "./door.ts";
import { contracts } from "./json-definition.ts";
import { openApi } from "./open-api.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly paths: Readonly<
    Record<string, { readonly post: { readonly requestBody: Content; readonly responses: { readonly 200: Content } } }>
  >;
}

const registry = contracts();
const document = openApi() as unknown as OpenApi;

/** A message with every field set, as deep as messages are nested; of a oneof, its member number `choice`. */
function full(message: DescMessage, choice: number, depth = 0): Message {
  if (message.typeName === "google.protobuf.Timestamp")
    return create(message, { seconds: 1_700_000_000n, nanos: 5_000_000 });
  const fields = message.fields.filter(({ oneof }) => !oneof).map((field) => [field.localName, value(field)]);
  const choices = message.oneofs.map((oneof) => {
    const field = oneof.fields[choice % oneof.fields.length]!;
    return [oneof.localName, { case: field.localName, value: value(field) }];
  });
  return create(message, Object.fromEntries([...fields, ...choices].filter(([, filled]) => filled !== undefined)));

  function value(field: DescField): unknown {
    if (field.message && depth > 5) return undefined;
    const single = field.message
      ? full(field.message, choice, depth + 1)
      : field.enum
        ? field.enum.values.at(-1)!.number
        : scalar(field.scalar!);
    if (field.fieldKind === "list") return [single, single];
    return field.fieldKind === "map" ? { name: single } : single;
  }
}

function scalar(kind: ScalarType): unknown {
  if (kind === ScalarType.STRING) return "text";
  if (kind === ScalarType.BOOL) return true;
  if (kind === ScalarType.BYTES) return new Uint8Array([1, 2, 255]);
  if (kind === ScalarType.DOUBLE || kind === ScalarType.FLOAT) return Number.NaN;
  const long = [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64];
  return long.includes(kind) ? 2n ** 60n : 7;
}

/** What of a JSON value the schema does not say; empty if it says all. */
function differences(schema: Schema, json: JsonValue, path = ""): string[] {
  if (schema.$ref !== undefined) {
    const target = document.components.schemas[schema.$ref.replace("#/components/schemas/", "")];
    return target ? differences(target, json, path) : [`${path}: ${schema.$ref} is not in the document`];
  }
  const kind = Array.isArray(json)
    ? "array"
    : Number.isInteger(json)
      ? "integer"
      : json === null
        ? "null"
        : typeof json;
  const types = [schema.type ?? []].flat();
  if (!types.includes(kind) && !(kind === "integer" && types.includes("number")))
    return [`${path}: is ${kind}, not ${types.join(" or ")}`];
  if (schema.enum && !schema.enum.includes(json as string)) return [`${path}: ${json} is none of ${schema.enum}`];
  if (schema.format === "date-time" && Number.isNaN(Date.parse(json as string))) return [`${path}: is no time`];
  if (Array.isArray(json))
    return json.flatMap((item, index) => differences(schema.items ?? {}, item, `${path}[${index}]`));
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, item]) => {
    const property = schema.properties?.[key] ?? schema.additionalProperties;
    return property ? differences(property, item, `${path}.${key}`) : [`${path}.${key}: is not in the document`];
  });
}

describe("the OpenAPI document", () => {
  const service = registry.getService(doorService)!;
  const open = service.methods.filter(({ methodKind }) => methodKind === "unary" || methodKind === "server_streaming");

  it("has every call that the door has, and no other", () => {
    expect(Object.keys(document.paths).sort()).toEqual(open.map(({ name }) => `/api/${doorService}/${name}`).sort());
  });

  it.each(open.map((method) => [method.name, method] as const))(
    "says of %s what goes over the wire",
    (name, method) => {
      const { requestBody, responses } = document.paths[`/api/${doorService}/${name}`]!.post;
      const type = method.methodKind === "unary" ? "application/json" : "application/x-ndjson";
      // As many choices as the largest oneof has members.
      for (let choice = 0; choice < 7; choice++) {
        const request = toJson(method.input, full(method.input, choice), { registry });
        expect(differences(requestBody.content["application/json"]!.schema, request)).toEqual([]);
        const response = toJson(method.output, full(method.output, choice), { registry });
        expect(differences(responses[200].content[type]!.schema, response)).toEqual([]);
      }
    },
  );

  it("would be found wrong", () => {
    const study = { $ref: "#/components/schemas/superbatch.optimizer.v1.Study" };
    expect(differences(study, { name: 5, state: "NONE", spec: { seed: true, more: "" } })).toEqual([
      ".name: is integer, not string",
      expect.stringContaining(".state: NONE is none of"),
      ".spec.seed: is boolean, not string or integer",
      ".spec.more: is not in the document",
    ]);
  });
});
