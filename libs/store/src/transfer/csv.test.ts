import type { SearchSpace } from "@superbatch/search-space";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noCost } from "../cost.ts";
import type { Trial } from "../trial.ts";
import { parseCsv, resultsFromCsv, trialsToCsv } from "./csv.ts";

const space: SearchSpace = {
  parameters: [
    { name: "rate", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
    { name: "kind", domain: { kind: "categorical", categories: ["a, b", 'say "c"', "two\nlines"] } },
    { name: "flag", domain: { kind: "boolean" } },
    { name: "fixed", domain: { kind: "fixed", value: "x" } },
  ],
  constraints: [],
};

function trial(number: number, change: Partial<Trial>): Trial {
  return {
    study: "s",
    number,
    state: "completed",
    point: {},
    spaceVersion: 1,
    leases: 1,
    attempts: 1,
    lease: null,
    worker: "worker-1",
    measurement: null,
    attempt: 1,
    cost: noCost,
    stoppedEarly: false,
    reason: "",
    explanation: {},
    labels: {},
    traceparent: "",
    createdAt: 0,
    startedAt: 0,
    finishedAt: null,
    ...change,
  };
}

describe("a table of trials", () => {
  it("has a row for each, and columns for every parameter and metric", () => {
    const text = trialsToCsv([
      trial(1, {
        point: { rate: 0.1 + 0.2, kind: "a, b" },
        measurement: { value: 1e-12, metrics: { accuracy: 0.5 }, cost: noCost },
        cost: { ...noCost, total: 3, data: 1 },
      }),
      trial(2, { state: "failed", point: { flag: true }, reason: 'it said "no"', finishedAt: 1000 }),
    ]);
    expect(text.split("\r\n")).toEqual([
      "trial,state,value,cost,scoring,gradient,evaluation,data,parameter.rate,parameter.kind,parameter.flag,metric.accuracy,attempts,worker,stopped_early,started,finished,reason",
      '1,completed,1e-12,3,0,0,0,1,0.30000000000000004,"a, b",,0.5,1,worker-1,false,1970-01-01T00:00:00.000Z,,',
      '2,failed,,0,0,0,0,0,,,true,,1,worker-1,false,1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,"it said ""no"""',
      "",
    ]);
  });

  it("gives the results back exactly, without the trials that have none", () => {
    const points = fc.record({
      rate: fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x + 0),
      kind: fc.constantFrom("a, b", 'say "c"', "two\nlines"),
      flag: fc.boolean(),
      fixed: fc.constant("x"),
    });
    const value = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
    const results = fc.array(fc.record({ point: points, value: fc.option(value) }), { minLength: 1 });
    fc.assert(
      fc.property(results, (wanted) => {
        const trials = wanted.map(({ point, value: measured }, i) => {
          const measurement = measured === null ? null : { value: measured, metrics: {}, cost: noCost };
          return trial(i + 1, { point, measurement, cost: { ...noCost, total: 2 } });
        });
        const known = wanted.filter((result) => result.value !== null);
        expect(resultsFromCsv(trialsToCsv(trials), space)).toEqual(known.map((result) => ({ ...result, cost: 2 })));
      }),
    );
  });

  it("names the row and column that cannot be read", () => {
    expect(() => resultsFromCsv("value,cost,parameter.rate\n1,1,0.1\n2,1,fast\n", space)).toThrow(
      'row 3, column parameter.rate: "fast" is not a number',
    );
    expect(() => resultsFromCsv("value,parameter.rate\n1,2\n", space)).toThrow("there is no column cost");
    expect(() => resultsFromCsv("", space)).toThrow("empty");
    expect(() => resultsFromCsv('value,cost\n1,"2', space)).toThrow("line 2");
  });

  it("may end its lines in any way, and with an empty cell", () => {
    expect(parseCsv("a,b\n1,\r\n2,3")).toEqual([
      ["a", "b"],
      ["1", ""],
      ["2", "3"],
    ]);
    expect(parseCsv("1,")).toEqual([["1", ""]]);
  });
});
