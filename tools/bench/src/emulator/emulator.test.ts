import { createRng, createSobol } from "@superbatch/random";
import { beforeAll, describe, expect, it } from "vitest";
import type { Cell } from "../recorded/design.ts";
import { fromUnit, type RecordedProblem, recordedProblems, toUnit } from "../recorded/problem.ts";
import type { RunRecord } from "../recorded/records.ts";
import { median } from "../timing.ts";
import { effectOfImportance } from "./effect.ts";
import { createEmulator, type Emulator } from "./emulator.ts";
import { regressionNames } from "./model.ts";
import { createTable, logit, type Output, type Place, sigmoid, type Table } from "./table.ts";
import { judge, predictLeftOut } from "./validate.ts";

const problem: RecordedProblem = { ...recordedProblems[0]!, epochs: 12, evaluationEpochs: 4 };
const points = [0, 1, 2];
const noise = 0.08;

/** Logit of the error at a point of the curve: a bowl, lower from point to point, and lower where B is high. */
function level({ x, family, level: b }: Place, at: number): number {
  const [u, v, w] = toUnit(problem, x) as [number, number, number];
  const bowl = 6 * (u - 0.6) ** 2 + 3 * (v - 0.4) ** 2 + 0.3 * w;
  return bowl - 0.4 * at - (family === "always" ? 0.05 * Math.log2(b) : 0) + (family === "share" ? 1 - b : 0);
}

const secondsPerEpoch = ({ family, level: b }: Cell) =>
  (family === "share" ? b : 1) * (family === "always" ? 1 + b / 3 : 1);

/** Runs whose deviations are the same at all points of the curve but for a small part, on a machine of changing pace. Every third has the place of the one before. */
function synthetic(count: number): RunRecord[] {
  const cells: Cell[] = [
    { family: "uniform", level: 1 },
    { family: "always", level: 4 },
    { family: "always", level: 16 },
    { family: "share", level: 1 / 4 },
  ];
  const rng = createRng("synthetic");
  const sobol = createSobol(3, { rng });
  // Drawn, since every fourth point of the sequence lies in a corner of the cube.
  const drawn = (): Place => ({ ...cells[rng.integer(cells.length)]!, x: fromUnit(problem, [...sobol.next()]) });
  let place = drawn();
  return Array.from({ length: count }, (_, i) => {
    if (i % 3 !== 2) place = drawn();
    const common = noise * rng.normal();
    const pace = 0.01 * (1 + rng.uniform());
    const errors = points.map((at) => sigmoid(level(place, at) + common + 0.2 * noise * rng.normal()));
    return {
      ...place,
      point: i,
      seed: 0,
      ending: "finished",
      steps: 300,
      error: errors,
      testError: sigmoid(level(place, 2) + common),
      tau: [],
      largestTau: 1,
      importance: [],
      spent: points.map((at) => 4 * (at + 1) * secondsPerEpoch(place) * pace * 25),
      scoring: 0,
      gradient: 300 * pace,
      data: 0,
      evaluation: 3 * pace,
      digest: "",
    };
  });
}

let table: Table;
let emulator: Emulator;
beforeAll(() => {
  table = createTable(problem, synthetic(180));
  emulator = createEmulator(table);
});

const place: Place = { family: "always", level: 8, x: fromUnit(problem, [0.55, 0.45, 0.2]) };

describe("the emulator", () => {
  it("knows the mean of what it was made from, between the recorded points and levels", () => {
    for (const at of [place, { ...place, family: "uniform", level: 1 } as const])
      expect(Math.abs(logit(emulator.truth(at).mean, 1e9) - level(at, 2))).toBeLessThan(0.08);
    const { mean, sd } = emulator.truth(place);
    expect(sd / mean).toBeLessThan(0.1);
  });

  it("deviates as the recorded runs do, alike over the curve", () => {
    const runs = Array.from({ length: 100 }, (_, i) => emulator.run(place, `seed ${i}`));
    const deviations = points.map((at) => runs.map(({ error }) => logit(error[at]!, 1e9) - level(place, at)));
    const spread = (values: readonly number[]) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    expect(spread(deviations[0]!)).toBeGreaterThan(0.5 * noise);
    expect(spread(deviations[0]!)).toBeLessThan(1.8 * noise);
    const differences = deviations[0]!.map((value, i) => value - deviations[2]![i]!);
    const center = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    expect(spread(differences.map((value) => value - center))).toBeLessThan(0.6 * noise);
  });

  it("does not contradict what it is judged by", () => {
    // Validation and test examples have the same errors here, as far as noise allows.
    for (let i = 0; i < 8; i++) {
      const at: Place = { ...place, x: fromUnit(problem, [0.1 + 0.1 * i, 0.9 - 0.1 * i, 0.5]) };
      const errors = Array.from({ length: 60 }, (_, seed) => logit(emulator.run(at, `${seed}`).error.at(-1)!, 1e9));
      const mean = errors.reduce((sum, value) => sum + value, 0) / errors.length;
      expect(Math.abs(mean - logit(emulator.truth(at).mean, 1e9))).toBeLessThan(0.6 * noise);
    }
  });

  it("deviates nowhere where no training was repeated", () => {
    const places = new Set<string>();
    const once = synthetic(60).filter(({ x }) => !places.has(x.join()) && places.add(x.join()));
    const certain = createEmulator(createTable(problem, once));
    expect(certain.run(place, "a")).toEqual(certain.run(place, "b"));
  });

  it("tells costs apart from the machine's pace", () => {
    const { spent } = emulator.run({ ...place, level: 16 }, "a");
    const uniform = emulator.run({ ...place, family: "uniform", level: 1 }, "a").spent;
    expect(spent[2]! / uniform[2]!).toBeGreaterThan(0.9 * (1 + 16 / 3));
    expect(spent[2]! / uniform[2]!).toBeLessThan(1.1 * (1 + 16 / 3));
    expect(uniform[2]! / uniform[0]!).toBeCloseTo(3, 1);
  });

  it("is a function of place and seed", () => {
    expect(emulator.run(place, "a")).toEqual(emulator.run(place, "a"));
    // One of a few neighbours' deviations: two seeds may draw the same.
    const runs = Array.from({ length: 8 }, (_, seed) => JSON.stringify(emulator.run(place, `${seed}`)));
    expect(new Set(runs).size).toBeGreaterThan(1);
  });

  it.each(regressionNames)("is judged by what it has not seen (%s)", (name) => {
    const qualityOf = (output: Output) => judge(table, output, predictLeftOut(table, name, output));
    const quality = qualityOf({ kind: "error", at: 2 });
    expect(quality.runs).toBe(180);
    expect(quality.spearman).toBeGreaterThan(0.85);
    expect(quality.r2).toBeGreaterThan(name === "gp" ? 0.95 : 0.75);
    expect(quality.coverage).toBeGreaterThan(0.85);
    expect(qualityOf({ kind: "cost", at: 2 }).rmse).toBeLessThan(name === "gp" ? 0.05 : 0.4);
  });

  it("tells what importance sampling did at equal hyperparameters", () => {
    const effect = effectOfImportance(table).filter(({ runs }) => runs > 0);
    expect(effect.map(({ level: b }) => b)).toEqual([4, 16]);
    // A logit less of 0.05 for each doubling of B, where the slope is about a quarter or less.
    expect(effect[0]!.difference).toBeLessThan(0);
    expect(effect[1]!.difference).toBeLessThan(effect[0]!.difference);
    expect(effect[1]!.difference + 0.2 * 0.24).toBeLessThan(3 * effect[1]!.standardError + 0.01);
    expect(effect[1]!.standardError).toBeLessThan(0.02);
  });

  it("takes runs that diverged as guessing, as dear as others", () => {
    const [first, ...others] = synthetic(8);
    const diverged = { ...first!, ending: "diverged", error: [], testError: null, spent: [] } as const;
    const { values } = createTable(problem, [diverged, ...others]);
    expect(sigmoid(values({ kind: "error", at: 1 })[0]!)).toBeCloseTo(0.9, 6);
    expect(sigmoid(values({ kind: "test" })[0]!)).toBeCloseTo(0.9, 6);
    const costs = values({ kind: "cost", at: 2 });
    const usual = others.flatMap((run, i) =>
      run.family === first!.family && run.level === first!.level ? [costs[i + 1]!] : [],
    );
    expect(usual.length).toBeGreaterThan(0);
    expect(costs[0]).toBe(median(usual));
  });
});
