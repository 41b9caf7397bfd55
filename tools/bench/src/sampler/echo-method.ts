import type { MethodDefinition } from "@grpc/grpc-js";

const same = (bytes: Buffer) => bytes;

/** A bidirectional stream of bytes as they are, without any encoding. */
export const echoMethod: MethodDefinition<Buffer, Buffer> = {
  path: "/superbatch.bench.Echo/Echo",
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};
