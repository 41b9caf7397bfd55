import { DataError, ParameterError } from "@superbatch/training";
import { expect, it } from "vitest";
import { failureOf } from "./failure.ts";

it.each([
  [new ParameterError([{ parameter: "width", message: "too large" }]), "INFEASIBLE", "width: too large"],
  [new RangeError("Invalid typed array length: -1"), "FAILED", "Invalid typed array length"],
  [new Error("RuntimeError: memory access out of bounds"), "INFEASIBLE", "Reduce batch_size"],
  [new Error("out of WebAssembly memory (4 GiB at most) for 512 MiB more"), "INFEASIBLE", "Reduce batch_size"],
  [new RangeError("Array buffer allocation failed"), "INFEASIBLE", "Reduce batch_size"],
  [
    new DataError({ file: "f", byteOffset: 3, problem: "short", remedy: "Get it again" }),
    "FAILED",
    "f, byte 3: short. Get it again",
  ],
  [new Error("14 UNAVAILABLE"), "FAILED", "UNAVAILABLE"],
  ["text", "FAILED", "text"],
])("%s is %s", (error, kind, reason) => {
  expect(failureOf(error)).toEqual({ kind: `FAILURE_KIND_${kind}`, reason: expect.stringContaining(reason) });
});

it("cuts a reason that is too long to be sent", () => {
  expect(failureOf(new Error("x".repeat(10_000))).reason).toHaveLength(4096);
});
