import fc from "fast-check";
import { ClientError, ServerError, Status } from "nice-grpc-common";
import { BadRequest, ErrorInfo, RetryInfo } from "nice-grpc-error-details";
import { describe, expect, it } from "vitest";
import {
  failedPrecondition,
  fromUnknown,
  invalidArgument,
  notFound,
  RpcError,
  rpcError,
  throwIfInvalid,
} from "./errors.ts";

describe("rpcError", () => {
  it("fills in the message, and sends its parameters and the remedy for machines", () => {
    const error = rpcError("TRIAL_NOT_RUNNING", { name: "studies/a/trials/1", state: "completed" });
    expect(error.code).toBe(Status.FAILED_PRECONDITION);
    expect(error.details).toBe("The trial studies/a/trials/1 is completed and takes no more results");
    expect(error.extra).toEqual([
      ErrorInfo.fromPartial({
        reason: "TRIAL_NOT_RUNNING",
        domain: "superbatch",
        metadata: {
          name: "studies/a/trials/1",
          state: "completed",
          remedy: "Stop working on the trial and lease another.",
        },
      }),
    ]);
  });

  it("keeps parameters that look like placeholders as they are", () => {
    expect(rpcError("STUDY_NOT_FOUND", { name: "{name}$&" }).details).toBe("There is no study {name}$&");
  });

  it("says when to try again", () => {
    const { extra } = rpcError("SERVICE_STOPPING", { service: "a" }, { retryAfterSeconds: 0.25 });
    expect(extra[1]).toEqual(RetryInfo.fromPartial({ retryDelay: { seconds: 0, nanos: 250_000_000 } }));
  });
});

describe("constructors", () => {
  it("name the resource", () => {
    expect(notFound("study", "s")).toMatchObject({ reason: "STUDY_NOT_FOUND", code: Status.NOT_FOUND });
    expect(failedPrecondition("NO_OBSERVATIONS", { name: "s" }).code).toBe(Status.FAILED_PRECONDITION);
  });

  it("show the first violations in the message and carry all", () => {
    const violations = Array.from({ length: 7 }, (_, i) => ({ path: `x[${i}]`, message: "bad" }));
    const error = invalidArgument(violations);
    expect(error.details).toBe("x[0]: bad; x[1]: bad; x[2]: bad; x[3]: bad; x[4]: bad; and 2 more");
    expect(error.extra[1]).toMatchObject({ fieldViolations: violations.map(({ path }) => ({ field: path })) });
    expect(() => invalidArgument([])).toThrow(RangeError);
    expect(() => throwIfInvalid([])).not.toThrow();
    expect(() => throwIfInvalid(violations)).toThrow(RpcError);
  });
});

describe("very many or long violations", () => {
  it("still fit into the headers that clients accept", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 0, max: 5000 }), (count, length) => {
        const violations = Array.from({ length: count }, (_, i) => ({ path: `x[${i}]`, message: "m".repeat(length) }));
        const error = invalidArgument(violations);
        const [info, badRequest] = error.extra as [ErrorInfo, BadRequest];
        const details = ErrorInfo.encode(info).finish().length + BadRequest.encode(badRequest).finish().length;
        // Details travel in base64, and repeat the message.
        expect(error.details.length * (1 + 4 / 3) + (details * 4) / 3).toBeLessThan(8000);
        expect(badRequest.fieldViolations.length).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });
});

describe("fromUnknown", () => {
  it("leaves statuses alone", () => {
    const error = new ServerError(Status.NOT_FOUND, "no");
    expect(fromUnknown(error)).toBe(error);
  });

  it.each([
    [new DOMException("", "AbortError"), Status.CANCELLED],
    [new ClientError("/a.B/C", Status.UNAVAILABLE, "refused"), Status.UNAVAILABLE],
    [new ClientError("/a.B/C", Status.DEADLINE_EXCEEDED, "late"), Status.UNAVAILABLE],
    [new ClientError("/a.B/C", Status.INVALID_ARGUMENT, "we asked wrongly"), Status.INTERNAL],
    [new TypeError("secret"), Status.INTERNAL],
    ["secret", Status.INTERNAL],
    [undefined, Status.INTERNAL],
  ])("%s", (reason, code) => {
    const error = fromUnknown(reason);
    expect(error.code).toBe(code);
    expect(error.details).not.toContain("secret");
    expect(error.cause).toBe(reason);
  });
});
