import type { GrpcJsServiceDefinition, ServiceImplementation } from "nice-grpc";
import { ServerReflection, ServerReflectionService } from "nice-grpc-server-reflection";
import { commonDescriptors } from "./common-descriptors.ts";

/** Name of the older version, which many clients still ask first. Its messages are the same. */
const alphaPath = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/**
 * grpc.reflection.v1 and v1alpha, by which grpcurl and the like learn the services.
 *
 * @param descriptorSet - serialized google.protobuf.FileDescriptorSet, imports included.
 * @param services - full names of the services to show.
 * @returns pairs for `server.add`.
 */
export function createReflection(
  descriptorSet: Uint8Array,
  services: readonly string[],
): { definition: GrpcJsServiceDefinition; implementation: ServiceImplementation<GrpcJsServiceDefinition> }[] {
  const implementation = ServerReflection(Buffer.concat([descriptorSet, commonDescriptors()]), services);
  const alpha: GrpcJsServiceDefinition = {
    serverReflectionInfo: { ...ServerReflectionService.serverReflectionInfo, path: alphaPath },
  };
  return [
    { definition: ServerReflectionService, implementation },
    { definition: alpha, implementation },
  ];
}
