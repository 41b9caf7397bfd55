import { readFileSync } from "node:fs";
import { optimizer, pointToProto, spaceToProto } from "@superbatch/contracts";
import type { Parameter, Point, SearchSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { parameterImportance } from "./importance.ts";
import { observationsOf } from "./observations.ts";

interface GoldenStudy {
  readonly trials: { parameters: Point; value: number }[];
  readonly names: string[];
  readonly sobol: { first: number[]; total: number[] };
}

const { numericStudy, categoricalStudy } = JSON.parse(
  readFileSync(new URL("../golden/importance.json", import.meta.url), "utf8"),
) as {
  numericStudy: GoldenStudy & { readonly fanova: number[]; readonly fanovaSpread: number[] };
  categoricalStudy: GoldenStudy;
};

const numeric: Parameter[] = [
  { name: "log_rate", domain: { kind: "float", min: -4, max: 0, scale: "linear" } },
  { name: "momentum", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
  { name: "layers", domain: { kind: "integer", min: 1, max: 6, scale: "linear" } },
];
const optimizers: Parameter = {
  name: "optimizer",
  domain: { kind: "categorical", categories: ["sgd", "adam", "lion"] },
};

function observe(space: SearchSpace, trials: readonly { parameters: Point; value: number; cost?: number }[]) {
  const study = optimizer.Study.fromPartial({ spec: { space: spaceToProto(space), objective: { metric: "error" } } });
  return observationsOf(
    study,
    trials.map(({ parameters, value, cost = 1 }, i) =>
      optimizer.Trial.fromPartial({
        number: i + 1,
        parameters: pointToProto(parameters),
        measurement: { value, cost: { total: cost } },
      }),
    ),
  );
}

const share = (values: readonly number[]) => {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
};

describe("parameter importance", () => {
  const spaceOf = (parameters: Parameter[]): SearchSpace => ({ parameters, constraints: [] });
  const numericImportance = parameterImportance(observe(spaceOf(numeric), numericStudy.trials));
  const mixed = observe(spaceOf([...numeric, optimizers]), categoricalStudy.trials);
  const mixedImportance = parameterImportance(mixed);

  it("is Optuna's fANOVA of the same trials within its error", () => {
    const first = share(
      numericStudy.names.map((name) => numericImportance.find((entry) => entry.name === name)!.first),
    );
    // Besides its spread over seeds, the forest is off by what the script's comment shows.
    first.forEach((value, i) => {
      expect(Math.abs(value - numericStudy.fanova[i]!)).toBeLessThan(3 * numericStudy.fanovaSpread[i]! + 0.06);
    });
  });

  it.each([
    ["numeric", numericStudy, numericImportance],
    ["categorical", categoricalStudy, mixedImportance],
  ] as const)("is SALib's for the %s function behind the trials", (_, { names, sobol }, importance) => {
    names.forEach((name, i) => {
      const { first, total } = importance.find((entry) => entry.name === name)!;
      expect(Math.abs(first - sobol.first[i]!)).toBeLessThan(0.05);
      expect(Math.abs(total - sobol.total[i]!)).toBeLessThan(0.05);
    });
  });

  it("is the same again for the same trials", () => {
    expect(parameterImportance(mixed)).toEqual(mixedImportance);
  });

  it("holds fidelities at their targets, or lets them vary, and explains cost", () => {
    const withB: SearchSpace = {
      parameters: [
        { name: "rate", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
        {
          name: "B",
          domain: { kind: "integer", min: 1, max: 64, scale: "log" },
          fidelity: { target: 64, basis: "fabolas" },
        },
      ],
      constraints: [],
    };
    const trials = numericStudy.trials.slice(0, 40).map(({ parameters }, i) => {
      const B = [1, 4, 16, 64][i % 4]!;
      const rate = parameters.momentum as number;
      return { parameters: { rate, B }, value: (rate - 0.4) ** 2 + 0.2 / B, cost: 1 + B };
    });
    const observations = observe(withB, trials);
    expect(parameterImportance(observations).map(({ name }) => name)).toEqual(["rate"]);
    expect(
      parameterImportance(observations, { fidelities: "free" })
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["B", "rate"]);
    const [dearest] = parameterImportance(observations, { output: "log-cost", fidelities: "free" });
    expect(dearest!.name).toBe("B");
    expect(dearest!.total).toBeGreaterThan(0.95);
  });

  it("says nothing without enough trials", () => {
    expect(parameterImportance(observe(spaceOf(numeric), numericStudy.trials.slice(0, 3)))).toEqual([]);
  });
});
