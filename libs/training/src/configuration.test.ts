import { describe, expect, it } from "vitest";
import { configurationParameters, type ParameterError, parseConfiguration } from "./configuration.ts";

function problems(values: Record<string, number | string | boolean>) {
  try {
    parseConfiguration(values);
  } catch (error) {
    return (error as ParameterError).problems.map(({ parameter }) => parameter).sort();
  }
  throw new Error("the configuration was accepted");
}

describe("parseConfiguration", () => {
  it("fills in defaults; B is three mini-batches, as in the reference", () => {
    const configuration = parseConfiguration({ batch_size: 50 });
    expect(configuration).toMatchObject({ batchSize: 50, superBatch: 150, budget: { kind: "epochs", epochs: 10 } });
  });

  it("names every parameter at fault, all at once", () => {
    expect(problems({ learning_rate: -1, batch_size: 2.5, optimizer: "lbfgs", momentum: 1, epohcs: 3 })).toEqual([
      "batch_size",
      "epohcs",
      "learning_rate",
      "momentum",
      "optimizer",
    ]);
  });

  it.each([
    { data_share: 0 },
    { data_share: 1.1 },
    { width: 0 },
    { dropout: 1 },
    { super_batch: 0 },
    { label_smoothing: "some" },
    { learning_rate: Number.POSITIVE_INFINITY },
  ])("refuses %j", (values) => {
    expect(problems(values as Record<string, number>)).toEqual(Object.keys(values));
  });

  it.each([
    [{ epochs: 0.5 }, { kind: "epochs", epochs: 0.5 }],
    [{ steps: 30 }, { kind: "steps", steps: 30 }],
    [{ seconds: 2 }, { kind: "seconds", seconds: 2 }],
  ])("takes the budget %j", (values, budget) => {
    expect(parseConfiguration(values as Record<string, number>).budget).toEqual(budget);
  });

  it("refuses two budgets", () => {
    expect(problems({ epochs: 3, steps: 5 })).toEqual(["epochs"]);
  });

  it("lets a trial's budget replace the workload's", () => {
    expect(parseConfiguration({ steps: 5 }, { epochs: 3, width: 2 })).toMatchObject({
      budget: { kind: "steps" },
      width: 2,
    });
    expect(parseConfiguration({ width: 1 }, { epochs: 3, width: 2 })).toMatchObject({
      budget: { epochs: 3 },
      width: 1,
    });
  });

  it("reads a step schedule with its parameters", () => {
    const { schedule } = parseConfiguration({ schedule: "step", schedule_factor: 0.2, schedule_drops: 3 });
    expect(schedule).toEqual({ kind: "step", factor: 0.2, drops: 3 });
  });
});

it("every parameter is described, with its default", () => {
  const parameters = configurationParameters();
  expect(parameters.filter(({ description }) => description === "")).toEqual([]);
  expect(parameters.find(({ name }) => name === "batch_size")?.defaultValue).toBe(128);
  expect(parameters.find(({ name }) => name === "steps")?.defaultValue).toBeUndefined();
});
