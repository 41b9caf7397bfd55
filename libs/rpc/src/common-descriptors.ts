import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_duration,
} from "@bufbuild/protobuf/wkt";

type Field = MessageInitShape<typeof FieldDescriptorProtoSchema>;

/**
 * Serialized FileDescriptorSet of what every server speaks beside its own services: health checks, and the details of errors. With it
 * grpcurl and the like show the fields that an error names, and can ask for health. A set of descriptors may simply be appended to
 * another one: repeated fields of serialized messages concatenate.
 */
export function commonDescriptors(): Uint8Array {
  const file = [file_google_protobuf_duration.proto, errorDetails(), health()];
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
}

const text = (name: string, number: number): Field => ({
  name,
  number,
  type: FieldDescriptorProto_Type.STRING,
  label: FieldDescriptorProto_Label.OPTIONAL,
});
const message = (name: string, number: number, typeName: string, repeated = false): Field => ({
  name,
  number,
  typeName,
  type: FieldDescriptorProto_Type.MESSAGE,
  label: repeated ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
});

/** The part of google/rpc/error_details.proto that this suite sends. */
function errorDetails(): FileDescriptorProto {
  return create(FileDescriptorProtoSchema, {
    name: "google/rpc/error_details.proto",
    package: "google.rpc",
    syntax: "proto3",
    dependency: ["google/protobuf/duration.proto"],
    messageType: [
      {
        name: "ErrorInfo",
        field: [
          text("reason", 1),
          text("domain", 2),
          message("metadata", 3, ".google.rpc.ErrorInfo.MetadataEntry", true),
        ],
        nestedType: [{ name: "MetadataEntry", field: [text("key", 1), text("value", 2)], options: { mapEntry: true } }],
      },
      {
        name: "BadRequest",
        field: [message("field_violations", 1, ".google.rpc.BadRequest.FieldViolation", true)],
        nestedType: [{ name: "FieldViolation", field: [text("field", 1), text("description", 2)] }],
      },
      {
        name: "QuotaFailure",
        field: [message("violations", 1, ".google.rpc.QuotaFailure.Violation", true)],
        nestedType: [{ name: "Violation", field: [text("subject", 1), text("description", 2)] }],
      },
      { name: "RetryInfo", field: [message("retry_delay", 1, ".google.protobuf.Duration")] },
    ],
  });
}

/** grpc/health/v1/health.proto. */
function health(): FileDescriptorProto {
  const inputType = ".grpc.health.v1.HealthCheckRequest";
  const outputType = ".grpc.health.v1.HealthCheckResponse";
  const states = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
  const status: Field = {
    name: "status",
    number: 1,
    type: FieldDescriptorProto_Type.ENUM,
    typeName: `${outputType}.ServingStatus`,
    label: FieldDescriptorProto_Label.OPTIONAL,
  };
  return create(FileDescriptorProtoSchema, {
    name: "grpc/health/v1/health.proto",
    package: "grpc.health.v1",
    syntax: "proto3",
    messageType: [
      { name: "HealthCheckRequest", field: [text("service", 1)] },
      {
        name: "HealthCheckResponse",
        field: [status],
        enumType: [{ name: "ServingStatus", value: states.map((name, number) => ({ name, number })) }],
      },
    ],
    service: [
      {
        name: "Health",
        method: [
          { name: "Check", inputType, outputType },
          { name: "Watch", inputType, outputType, serverStreaming: true },
        ],
      },
    ],
  });
}
