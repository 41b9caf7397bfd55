import { readFileSync } from "node:fs";

let bytes: Uint8Array | undefined;

/** The serialized google.protobuf.FileDescriptorSet of all contracts and what they import: for server reflection. */
export function descriptorSet(): Uint8Array {
  bytes ??= readFileSync(new URL("./generated/descriptors.binpb", import.meta.url));
  return bytes;
}
