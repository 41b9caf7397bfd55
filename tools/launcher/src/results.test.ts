import { optimizer, pointToProto } from "@superbatch/contracts";
import { describe, expect, it } from "vitest";
import { toCsv } from "./results.ts";
import { percent, rowOf, short } from "./row.ts";

const trial = optimizer.Trial.fromPartial({
  name: "projects/default/studies/s/trials/3",
  number: 3,
  state: optimizer.TrialState.COMPLETED,
  parameters: pointToProto({ learning_rate: 0.1, note: 'a "quoted", one', nesterov: true }),
  measurement: { value: 0.125, metrics: { importance_share: 0.5 }, cost: { total: 9 } },
  cost: { total: 10, scoring: 1, gradient: 6, evaluation: 2, data: 0.5 },
  attempts: 2,
  worker: "trainer-1",
  explanation: { origin: optimizer.Origin.INITIAL_DESIGN },
});

describe("a trial's row", () => {
  it("has the cost of all attempts and the share of importance-sampled steps", () => {
    expect(rowOf(trial)).toMatchObject({
      trial: 3,
      state: "completed",
      value: 0.125,
      importanceShare: 0.5,
      cost: { total: 10, scoring: 1 },
      origin: "initial_design",
      attempts: 2,
    });
  });

  it("has no value without a result", () => {
    const failed = optimizer.Trial.fromPartial({ number: 1, state: optimizer.TrialState.FAILED, reason: "no\nmemory" });
    expect(rowOf(failed)).not.toHaveProperty("value");
    expect(rowOf(failed)).toMatchObject({ state: "failed", reason: "no\nmemory", cost: { total: 0 } });
  });
});

describe("CSV", () => {
  it("has a column for each parameter and quotes what needs it", () => {
    const lines = toCsv([rowOf(trial)]).split("\r\n");
    expect(lines[0]).toBe(
      "trial,state,learning_rate,nesterov,note,value,cost_total,cost_scoring,cost_gradient,cost_evaluation,cost_data,importance_share,origin,attempts,worker,traceparent,reason",
    );
    expect(lines[1]).toBe(
      '3,completed,0.1,true,"a ""quoted"", one",0.125,10,1,6,2,0.5,0.5,initial_design,2,trainer-1,,',
    );
    expect(lines[2]).toBe("");
  });

  it("keeps trials of different spaces in one table", () => {
    const other = { ...rowOf(trial), parameters: { width: 2 } };
    const [header, first, second] = toCsv([rowOf(trial), other]).split("\r\n");
    expect(header).toContain("learning_rate,nesterov,note,width,value");
    expect(first).toContain(",,0.125");
    expect(second).toContain("completed,,,,2,0.125");
  });
});

describe("figures for people", () => {
  it.each([
    [0.123456, "0.123"],
    [1e-7, "1e-7"],
    [512, "512"],
    [true, "true"],
    ["adam", "adam"],
  ])("%j is shown as %s", (value, text) => {
    expect(short(value)).toBe(text);
  });

  it("shows errors as percentages", () => {
    expect(percent(0.0349)).toBe("3.5%");
  });
});
