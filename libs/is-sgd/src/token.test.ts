import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FieldError } from "./field-error.ts";
import { createSession, restoreSession } from "./session.ts";
import { resolveSpec, type SessionSpec } from "./spec.ts";
import { decodeToken, encodeToken, type TokenState } from "./token.ts";

const given: SessionSpec = { examples: 1000, batchSize: 4, superBatchSize: 16, prefetch: 1, adaptive: { max: 64 } };
const spec = resolveSpec(given);
const measure = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
const member = fc.record({
  worker: fc.string({ unit: "grapheme", maxLength: 40 }),
  shards: fc.array(fc.nat(2 ** 32 - 1), { maxLength: 5 }),
});
const members = fc.array(member, { maxLength: 30 });
const round = fc.record(
  {
    kind: fc.constantFrom("uniform", "importance", "history"),
    size: fc.integer({ min: 1, max: 64 }),
    historyMean: measure,
    members,
    left: fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { minLength: 1, maxLength: 5 }),
  },
  { requiredKeys: ["kind", "size", "historyMean"] },
);
const state: fc.Arbitrary<TokenState> = fc.record({
  tau: measure,
  superBatchSize: fc.integer({ min: 16, max: 64 }),
  rounds: fc.maxSafeNat(),
  importanceRounds: fc.maxSafeNat(),
  effectiveSampleSize: measure,
  biased: fc.boolean(),
  started: fc.boolean(),
  historyMean: measure,
  members,
  outstanding: fc.array(round, { maxLength: 2 }),
});
const damaged = expect.objectContaining({ field: "token" });

describe("a token", () => {
  it("gives its state back", () => {
    fc.assert(
      fc.property(state, (value) => {
        expect(decodeToken(encodeToken(value, spec), spec)).toEqual(value);
      }),
    );
  });

  it("that is cut, longer, or of which any byte is another, is refused", () => {
    fc.assert(
      fc.property(state, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, change) => {
        const token = encodeToken(value, spec);
        const changed = Uint8Array.from(token);
        changed[at % token.length] ^= change;
        const wrong = [token.subarray(0, at % token.length), Uint8Array.of(...token, change), changed];
        for (const bytes of wrong) expect(() => decodeToken(bytes, spec)).toThrow(damaged);
      }),
    );
  });

  it("of another spec is refused", () => {
    const token = createSession(given).token();
    expect(() => restoreSession({ ...given, seed: 5 }, token)).toThrow(damaged);
    restoreSession(given, token);
  });

  it("that was forged gets no more than the spec allows", () => {
    const honest: TokenState = decodeToken(createSession(given).token(), spec);
    const one = { kind: "importance", size: 64, historyMean: 0 } as const;
    const forged: Partial<TokenState>[] = [
      { outstanding: [{ ...one, size: 2 ** 31 }] },
      { outstanding: [{ ...one, size: 0 }] },
      { outstanding: [one, one, one] },
      { superBatchSize: 65 },
      { superBatchSize: 15 },
      { rounds: -1 },
      { rounds: 0.5 },
      { tau: Number.NaN },
      { effectiveSampleSize: Number.POSITIVE_INFINITY },
    ];
    for (const change of forged)
      expect(() => decodeToken(encodeToken({ ...honest, ...change }, spec), spec)).toThrow(damaged);
    expect(decodeToken(encodeToken({ ...honest, outstanding: [one] }, spec), spec).outstanding).toEqual([one]);
  });

  it("takes about as much as its state, whatever bytes it is given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeToken(bytes, spec)).toThrow(FieldError);
      }),
    );
    const session = createSession(given);
    session.join({ worker: "0", shards: [] });
    expect(session.token().length).toBeLessThan(120);
  });
});
