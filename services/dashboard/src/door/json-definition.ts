import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { descriptorSet } from "@superbatch/contracts";
import type { TsProtoServiceDefinition } from "nice-grpc";

/** All contracts, for reflection. */
export function contracts(): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet()));
}

/** A service whose messages are those of @bufbuild/protobuf: these know protobuf's JSON, which generated ts-proto code does not in full. */
export function reflectedDefinition(registry: FileRegistry, fullName: string): TsProtoServiceDefinition {
  const service = registry.getService(fullName);
  if (!service) throw new RangeError(`there is no service ${fullName}`);
  const methods = service.methods.map((method) => [method.name, methodOf(method)] as const);
  return { name: service.name, fullName, methods: Object.fromEntries(methods) };
}

function methodOf({
  name,
  input,
  output,
  methodKind,
  idempotency,
}: DescMethod): TsProtoServiceDefinition["methods"][string] {
  return {
    name,
    requestType: codec(input),
    requestStream: methodKind === "client_streaming" || methodKind === "bidi_streaming",
    responseType: codec(output),
    responseStream: methodKind === "server_streaming" || methodKind === "bidi_streaming",
    // 0: unknown, 1: no side effects, 2: idempotent.
    options: idempotency === 0 ? {} : { idempotencyLevel: idempotency === 1 ? "NO_SIDE_EFFECTS" : "IDEMPOTENT" },
  };
}

function codec(type: DescMessage) {
  return {
    encode: (message: Message) => ({ finish: () => toBinary(type, message) }),
    decode: (bytes: Uint8Array) => fromBinary(type, bytes),
    fromPartial: (message: Message) => message ?? create(type),
  };
}
