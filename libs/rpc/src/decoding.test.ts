import { credentials, makeClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { sampler, surrogate } from "@superbatch/contracts";
import { Status } from "nice-grpc-common";
import { describe, expect, it } from "vitest";
import { implement } from "./service.ts";
import { startTestService } from "./testing/index.ts";

/** The unknown field 15, of 127 bytes that are not there. */
const broken = Buffer.from([0x7a, 0x7f]);
const raw = (bytes: Buffer) => bytes;

describe("bytes that are no message", () => {
  it.each(["/superbatch.surrogate.v1.SurrogateService/Fit", "/superbatch.sampler.v1.SamplerService/Sample"])(
    "are the caller's fault in %s",
    async (path) => {
      const nothing = async () => ({});
      await using service = await startTestService([
        implement(surrogate.SurrogateServiceDefinition, {
          describe: nothing,
          fit: nothing,
          posterior: nothing,
          release: nothing,
        }),
        implement(sampler.SamplerServiceDefinition, {
          openSession: nothing,
          getSession: nothing,
          closeSession: nothing,
          async *sample(requests) {
            for await (const _ of requests) yield {};
          },
        }),
      ]);
      const Client = makeClientConstructor({}, "");
      const client = new Client(service.address, credentials.createInsecure());
      const error = await new Promise<ServiceError>((resolve, reject) => {
        const call = client.makeBidiStreamRequest(path, raw, raw);
        call.on("error", resolve);
        call.on("end", () => setImmediate(reject, new Error("the call succeeded")));
        call.on("data", () => {});
        call.write(broken);
        call.end();
      });
      client.close();
      expect(error.code).toBe(Status.INVALID_ARGUMENT);
      expect(error.details).toContain("cannot be decoded");
    },
  );
});
