import { createFileRegistry, type DescMethod, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { descriptorSet } from "@superbatch/contracts";

/** Folder of a service, and the full name of what it serves. */
export const serviceNames = {
  optimizer: "superbatch.optimizer.v1.OptimizerService",
  "surrogate-model": "superbatch.surrogate.v1.SurrogateService",
  "importance-sampler": "superbatch.sampler.v1.SamplerService",
  trainer: "superbatch.trainer.v1.TrainerService",
} as const;

export type ServiceName = keyof typeof serviceNames;

/** All contracts, for reflection. */
export function contracts(): FileRegistry {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet()));
}

/** A call of a service. */
export interface FuzzedMethod {
  readonly service: ServiceName;
  readonly method: DescMethod;
  /** `/package.Service/Method` */
  readonly path: string;
}

/** Every call of every service. */
export function fuzzedMethods(registry: FileRegistry): FuzzedMethod[] {
  return Object.entries(serviceNames).flatMap(([service, fullName]) =>
    registry.getService(fullName)!.methods.map((method) => ({
      service: service as ServiceName,
      method,
      path: `/${fullName}/${method.name}`,
    })),
  );
}
