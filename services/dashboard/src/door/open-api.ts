import { type DescEnum, type DescField, type DescMessage, type DescMethod, ScalarType } from "@bufbuild/protobuf";
import { doorService } from "./door.ts";
import { contracts } from "./json-definition.ts";

type Schema = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document of the calls by JSON over HTTP, made from the contracts' descriptors. */
export function openApi(): Schema {
  const schemas = new Map<string, Schema>();
  const service = contracts().getService(doorService)!;
  const open = service.methods.filter(({ methodKind }) => methodKind === "unary" || methodKind === "server_streaming");
  const paths = Object.fromEntries(
    open.map((method) => [`/api/${doorService}/${method.name}`, { post: operation(method, schemas) }]),
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "Superbatch optimizer",
      version: "1",
      description:
        "The optimizer's gRPC calls as JSON over HTTP: protobuf's JSON in the body, a bearer token in the Authorization header. What each call and field means is said in proto/superbatch/optimizer/v1.",
    },
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { ...Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))), Error: errorSchema },
    },
    security: [{ bearer: [] }, {}],
    paths,
  };
}

const errorSchema: Schema = {
  type: "object",
  required: ["code", "message"],
  properties: {
    code: { type: "string", description: "gRPC's name of the status in snake case." },
    message: { type: "string" },
    reason: { type: "string", description: "Stable name of the error." },
    remedy: { type: "string" },
    retryAfterSeconds: { type: "number" },
    fields: {
      type: "array",
      items: { type: "object", properties: { path: { type: "string" }, message: { type: "string" } } },
    },
  },
};

function operation(method: DescMethod, schemas: Map<string, Schema>): Schema {
  const streams = method.methodKind === "server_streaming";
  const type = streams ? "application/x-ndjson" : "application/json";
  return {
    operationId: method.name,
    ...(streams ? { description: "Answers one message a line." } : {}),
    requestBody: { required: true, content: { "application/json": { schema: reference(method.input, schemas) } } },
    responses: {
      200: { description: "OK", content: { [type]: { schema: reference(method.output, schemas) } } },
      default: {
        description: "The call was refused or failed.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function reference(message: DescMessage, schemas: Map<string, Schema>): Schema {
  if (message.typeName === "google.protobuf.Timestamp") return { type: "string", format: "date-time" };
  if (!schemas.has(message.typeName)) {
    // Taken before it is filled: messages may hold themselves.
    schemas.set(message.typeName, {});
    const properties = Object.fromEntries(message.fields.map((field) => [field.jsonName, fieldSchema(field, schemas)]));
    schemas.set(message.typeName, { type: "object", properties });
  }
  return { $ref: `#/components/schemas/${message.typeName}` };
}

function fieldSchema(field: DescField, schemas: Map<string, Schema>): Schema {
  switch (field.fieldKind) {
    case "list":
      return { type: "array", items: valueSchema(field, schemas) };
    case "map":
      return { type: "object", additionalProperties: valueSchema(field, schemas) };
    default:
      return valueSchema(field, schemas);
  }
}

/** Of one value: of the field itself, of a list's elements, of a map's values. */
function valueSchema({ message, enum: enumeration, scalar }: DescField, schemas: Map<string, Schema>): Schema {
  if (message) return reference(message, schemas);
  return enumeration ? enumSchema(enumeration) : scalarSchema(scalar!);
}

function enumSchema({ values }: DescEnum): Schema {
  return { type: "string", enum: values.map(({ name }) => name) };
}

/** As protobuf's JSON has them: 64-bit integers are strings, bytes base64. */
function scalarSchema(scalar: ScalarType): Schema {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.BYTES:
      return { type: "string", contentEncoding: "base64" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: ["number", "string"], format: "double" };
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return { type: ["string", "integer"], format: "int64" };
    default:
      return { type: "integer", format: "int32" };
  }
}
