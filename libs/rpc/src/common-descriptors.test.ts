import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { descriptorSet } from "@superbatch/contracts";
import { BadRequest, ErrorInfo, RetryInfo } from "nice-grpc-error-details";
import { HealthCheckResponse } from "nice-grpc-server-health/lib/proto/grpc/health/v1/health.js";
import { describe, expect, it } from "vitest";
import { commonDescriptors } from "./common-descriptors.ts";

const set = fromBinary(FileDescriptorSetSchema, commonDescriptors());
const registry = createFileRegistry(set);

describe("common descriptors", () => {
  it.each([
    [ErrorInfo, { reason: "R", domain: "d", metadata: { a: "b" } }],
    [BadRequest, { fieldViolations: [{ field: "x", description: "bad" }] }],
    [RetryInfo, { retryDelay: { seconds: 3, nanos: 5 } }],
  ])("read and write what the library does: %o", (type, content) => {
    const bytes = type.encode(type.fromPartial(content as never) as never).finish();
    const schema = registry.getMessage(type.$type)!;
    const decoded = fromBinary(schema, bytes);
    expect(decoded.$unknown ?? []).toEqual([]);
    expect(toBinary(schema, decoded)).toEqual(new Uint8Array(bytes));
  });

  it("name the states of health by their numbers", () => {
    const bytes = HealthCheckResponse.encode({ status: 2 }).finish();
    const schema = registry.getMessage("grpc.health.v1.HealthCheckResponse")!;
    expect(fromBinary(schema, bytes)).toMatchObject({ status: 2 });
    expect(registry.getEnum("grpc.health.v1.HealthCheckResponse.ServingStatus")!.value[2]!.name).toBe("NOT_SERVING");
  });

  it("can be appended to the contracts' set", () => {
    const both = fromBinary(FileDescriptorSetSchema, Buffer.concat([descriptorSet(), commonDescriptors()]));
    expect(both.file.map(({ name }) => name)).toContain("grpc/health/v1/health.proto");
    expect(both.file.map(({ name }) => name)).toContain("superbatch/surrogate/v1/surrogate_service.proto");
  });
});
