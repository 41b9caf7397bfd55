import { describe, expect, it } from "vitest";
import { cellsOf, keyOf, runTask, sameCell, switchLevels } from "./design.ts";
import { fromUnit, recordedProblems, toUnit } from "./problem.ts";

const problem = recordedProblems[0]!;
const tasks = Array.from({ length: 20 * cellsOf(problem).length }, (_, i) => runTask(problem, i));

describe("the design of recorded runs", () => {
  it("has every cell as often as every other of its weight, and no run twice", () => {
    for (const cell of cellsOf(problem)) {
      const slots = cellsOf(problem).filter((each) => sameCell(each, cell)).length;
      expect(tasks.filter((task) => sameCell(task, cell))).toHaveLength(20 * slots);
    }
    expect(new Set(tasks.map(keyOf)).size).toBe(tasks.length);
  });

  it("repeats one run in six with another seed", () => {
    const repeats = tasks.filter(({ seed }) => seed === 1);
    expect(repeats.length / tasks.length).toBeGreaterThan(0.13);
    expect(repeats.length / tasks.length).toBeLessThan(1 / 6 + 0.01);
    const first = new Set(tasks.filter(({ seed }) => seed === 0).map(keyOf));
    for (const repeat of repeats) expect(first).toContain(keyOf({ ...repeat, seed: 0 }));
  });

  it("fills the space of each cell evenly", () => {
    const uniform = tasks.filter(({ family, seed }) => family === "uniform" && seed === 0);
    for (const d of problem.hyperparameters.keys()) {
      const places = uniform.map(({ x }) => toUnit(problem, x)[d]!);
      const thirds = [0, 1, 2].map((k) => places.filter((place) => Math.floor(3 * place) === k).length);
      expect(Math.min(...thirds)).toBeGreaterThan(uniform.length / 5);
    }
  });

  it("leaves away super-batches at which the published switch is never on", () => {
    expect(switchLevels(problem)).toEqual([2, 4, 8]);
    // τ of 128 examples is at most 11.3, and B = 31b needs 11.33.
    expect(switchLevels({ levels: [30, 31], batchSize: 128 })).toEqual([30]);
  });

  it("goes between plain units and the unit cube", () => {
    const place = [0, 0.25, 1];
    toUnit(problem, fromUnit(problem, place)).forEach((value, d) => {
      expect(value).toBeCloseTo(place[d]!, 5);
    });
    expect(fromUnit(problem, [0, 1, 1])).toEqual([1e-4, 1, 1]);
  });
});
