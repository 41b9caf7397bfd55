import { sampler as contract } from "@superbatch/contracts";
import type { Answer, Task } from "@superbatch/is-sgd";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAnswer, decodeWorkerMessage, encodeAnswer, encodeWorkerMessage } from "./stream-codec.ts";

const uint = fc.maxSafeNat();
const uint32s = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 40 }).map((a) => Uint32Array.from(a));
const floats = (length: number) => fc.array(fc.float({ noNaN: true }), { minLength: length, maxLength: length });

const task: fc.Arbitrary<Task> = fc
  .tuple(uint, fc.nat(1000), uint32s, fc.boolean(), fc.boolean(), fc.constantFrom("none", "optional", "required"))
  .chain(([round, part, indices, train, placed, scores]) =>
    floats(indices.length).map((values): Task => {
      if (!train) return { action: "score", round, part, indices, scores: "required" };
      const positions = placed && indices.length > 0 ? { positions: Int32Array.from(indices, (i) => (i % 7) - 1) } : {};
      return { action: "train", round, part, indices, weights: Float32Array.from(values), ...positions, scores };
    }),
  );

const number = fc.double({ noNaN: true }).map((x) => (x === 0 ? 0 : x)); // −0 is the default 0 on the wire
const answer: fc.Arbitrary<Answer> = fc.record({
  tasks: fc.array(task, { maxLength: 4 }),
  token: fc.uint8Array({ maxLength: 200 }),
  status: fc.record({
    rounds: uint,
    importanceRounds: uint,
    tau: number,
    threshold: number,
    importance: fc.boolean(),
    superBatchSize: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    effectiveSampleSize: number,
    biased: fc.boolean(),
  }),
});

describe("the stream's codec", () => {
  it("gives every answer back", () => {
    fc.assert(
      fc.property(answer, (value) => {
        expect(decodeAnswer(encodeAnswer(value))).toEqual(value);
      }),
    );
  });

  it("writes and reads the bytes of the generated code", () => {
    fc.assert(
      fc.property(answer, (value) => {
        const bytes = encodeAnswer(value);
        const generated = contract.SampleResponse.decode(bytes);
        expect(generated.status).toEqual(value.status);
        expect(generated.tasks.map(({ round }) => round)).toEqual(value.tasks.map(({ round }) => round));
        expect(Buffer.from(contract.SampleResponse.encode(generated).finish())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("gives every report back, and the generated code reads it", () => {
    fc.assert(
      fc.property(uint, fc.nat(50), fc.array(fc.float({ noNaN: true }), { maxLength: 60 }), (round, part, values) => {
        const report = { round, part, scores: Float32Array.from(values) };
        const bytes = encodeWorkerMessage({ $case: "report", report });
        expect(decodeWorkerMessage(bytes)).toEqual({ $case: "report", report });
        const { message } = contract.SampleRequest.decode(bytes);
        expect(message).toMatchObject({ $case: "scores", value: { round, part } });
        expect(Buffer.from(contract.SampleRequest.encode({ message }).finish())).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("leaves other messages to the generated code, and skips fields that it does not know", () => {
    const request = contract.SampleRequest.fromPartial({ message: { $case: "start", value: { session: "s" } } });
    const bytes = encodeWorkerMessage({ $case: "other", request });
    expect(decodeWorkerMessage(bytes)).toEqual({ $case: "other", request });
    const known = encodeAnswer({
      tasks: [],
      token: new Uint8Array(0),
      status: contract.SessionStatus.fromPartial({ rounds: 3 }),
    });
    const newer = Buffer.concat([known, Buffer.from([15 * 8, 1, 14 * 8 + 2, 1, 9, 13 * 8 + 5, 0, 0, 0, 0])]);
    expect(decodeAnswer(newer).status.rounds).toBe(3);
  });

  it("refuses what is cut off, and tasks that it does not know", () => {
    const [action, score] = [{ action: "train", scores: "none" } as const, { round: 5, part: 0 }];
    const whole = encodeAnswer({
      tasks: [{ ...action, ...score, indices: Uint32Array.of(1, 2), weights: Float32Array.of(1, 1) }],
      token: Uint8Array.of(1, 2, 3),
      status: contract.SessionStatus.fromPartial({ rounds: 300, tau: 2 }),
    });
    for (const cut of [1, 4, whole.length - 1]) expect(() => decodeAnswer(whole.subarray(0, cut))).toThrow(RangeError);
    const unknown = contract.SampleResponse.encode(
      contract.SampleResponse.fromPartial({ tasks: [{ action: "ACTION_UNSPECIFIED", round: 1 }] }),
    ).finish();
    expect(() => decodeAnswer(unknown)).toThrow("does not know");
  });
});
