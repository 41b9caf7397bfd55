import { optimizer } from "@superbatch/contracts";
import fc from "fast-check";
import { ClientError, Status } from "nice-grpc-common";
import { RetryInfo, RichClientError } from "nice-grpc-error-details";
import { describe, expect, it } from "vitest";
import { statusOf } from "./error-details.ts";
import { rpcError } from "./errors.ts";
import { type ClientCallOptions, retryableCodes, retryDelay } from "./retry.ts";
import { implement } from "./service.ts";
import { startTestService } from "./testing/index.ts";

const unavailable = new ClientError("/a/b", Status.UNAVAILABLE, "");
const asking = (code: Status, seconds: number) =>
  new RichClientError("/a/b", code, "", [RetryInfo.fromPartial({ retryDelay: { seconds } })]);

describe("retryDelay", () => {
  it("lies between half of and the whole of the exponential limit", () => {
    const options = fc.record({
      attempts: fc.integer({ min: 2, max: 30 }),
      baseMilliseconds: fc.integer({ min: 1, max: 1000 }),
      maxMilliseconds: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(
        options,
        fc.integer({ min: 1, max: 29 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (o, attempt, u) => {
          const delay = retryDelay(unavailable, attempt, Number.POSITIVE_INFINITY, { ...o, random: () => u });
          if (attempt >= o.attempts) {
            expect(delay).toBeUndefined();
            return;
          }
          const limit = Math.min(o.maxMilliseconds, o.baseMilliseconds * 2 ** (attempt - 1));
          expect(delay).toBeGreaterThanOrEqual(limit / 2);
          expect(delay).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it("is never beyond the deadline", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.double({ min: 0, max: 2000, noNaN: true }),
        (attempt, remaining) => {
          const delay = retryDelay(unavailable, attempt, remaining);
          expect(delay === undefined || delay < remaining).toBe(true);
        },
      ),
    );
  });

  it("is what the server asks for, if longer", () => {
    expect(retryDelay(asking(Status.UNAVAILABLE, 7), 1, 10_000)).toBe(7000);
    expect(retryDelay(asking(Status.UNAVAILABLE, 7), 1, 6_000)).toBeUndefined();
    expect(retryDelay(asking(Status.RESOURCE_EXHAUSTED, 1), 1, 6_000)).toBe(1000);
    expect(retryDelay(new ClientError("/a/b", Status.RESOURCE_EXHAUSTED, ""), 1, 6_000)).toBeUndefined();
  });

  it("exists for a call that the server's end cut off, whatever code grpc-js made of it", () => {
    const cut = new ClientError(
      "/a/b",
      Status.INTERNAL,
      "Received RST_STREAM with code 0 (Call ended without gRPC status)",
    );
    expect(retryDelay(cut, 1, Number.POSITIVE_INFINITY)).toBeGreaterThan(0);
    expect(retryDelay(new ClientError("/a/b", Status.INTERNAL, "a bug"), 1, Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it("exists only for the codes that the policy names", () => {
    const codes = Object.values(Status).filter((code): code is Status => typeof code === "number");
    const retried = codes.filter((code) => retryDelay(asking(code, 0), 1, 60_000) !== undefined);
    expect(retried.sort()).toEqual([...retryableCodes.keys()].sort());
    expect(retryDelay(new Error("other"), 1, 60_000)).toBeUndefined();
  });
});

describe("retrying calls", () => {
  async function attempts(
    calls: "safe" | "all" | "none",
    failures: number,
    perCall: ClientCallOptions = {},
  ): Promise<[number, Status | undefined]> {
    let count = 0;
    const fail = async () => {
      count++;
      if (count <= failures) throw rpcError("SERVICE_STOPPING", { service: "test" });
      return {};
    };
    // A call that the contract does not call safe to repeat, and without a request id.
    const { OptimizerServiceDefinition: definition } = optimizer;
    const implementation = Object.fromEntries(Object.keys(definition.methods).map((method) => [method, fail]));
    type Implementation = Parameters<typeof implement<typeof definition>>[1];
    await using service = await startTestService([implement(definition, implementation as unknown as Implementation)]);
    const client = service.client(definition, { retry: { calls, attempts: 3, baseMilliseconds: 1 } });
    const status = await client.createStudy({}, perCall).then(() => Status.OK, statusOf);
    return [count, status];
  }

  it("succeeds after failures that pass", async () => {
    expect(await attempts("all", 2)).toEqual([3, Status.OK]);
  });
  it("gives up after the last attempt", async () => {
    expect(await attempts("all", 9)).toEqual([3, Status.UNAVAILABLE]);
  });
  it("is switched off for one call", async () => {
    expect(await attempts("all", 1, { retry: false })).toEqual([1, Status.UNAVAILABLE]);
  });
  it("never repeats a call that may have had an effect", async () => {
    expect(await attempts("safe", 1)).toEqual([1, Status.UNAVAILABLE]);
    expect(await attempts("none", 1)).toEqual([1, Status.UNAVAILABLE]);
  });
});
