import { describe, expect, it } from "vitest";
import type { Emulator } from "../emulator/emulator.ts";
import type { Place, Table } from "../emulator/table.ts";
import type { Cell } from "../recorded/design.ts";
import { recordedProblems } from "../recorded/problem.ts";
import type { Method } from "./methods.ts";
import { createReplay, superBatchCell } from "./replay.ts";
import { fidelityLevels } from "./space.ts";

const problem = recordedProblems[0]!;
const asked: { place: Place; seed: string }[] = [];
const points = problem.epochs / problem.evaluationEpochs;
const numbers = Array.from({ length: points }, (_, i) => i + 1);

/** A run's error falls by 0.05 from 0.9, and a point of its curve costs 1 + level. */
const emulator = {
  table: {
    problem,
    points,
    epochs: numbers.map((n) => n * problem.evaluationEpochs),
    guessing: 0.9,
    evaluationSeconds: 0.5,
    uniformSeconds: 2 * points + 0.5,
    scoringShare: ({ family }: Cell) => (family === "always" ? 0.75 : 0),
  } as unknown as Table,
  run(place, seed) {
    asked.push({ place, seed });
    return { error: numbers.map((n) => 0.9 - 0.05 * n), spent: numbers.map((n) => n * (1 + place.level)) };
  },
  truth: () => ({ mean: 0.5, sd: 0.01 }),
} as Emulator;

const cell = { family: "uniform", level: 1 } as const;
const x = [0.1, 0.1, 0.001];
const propose = (
  method: Pick<Method, "fidelity" | "cell" | "world">,
  importance: "always" | "published" = "always",
) => {
  const simulate = createReplay(emulator, method, importance, "7");
  return (fidelity?: number) =>
    simulate({ id: "", x, seconds: 0, byModel: false, ...(fidelity !== undefined && { fidelity }) });
};

describe("the simulated trainer", () => {
  it("trains with the super-batch, and evaluates once", async () => {
    const trial = propose({ fidelity: "super_batch", cell });
    const { outcome, seconds } = await trial(4 * problem.batchSize);
    expect(asked.at(-1)).toEqual({ place: { family: "always", level: 4, x }, seed: "7 0" });
    expect(outcome.cost).toEqual({ total: 5 * points + 0.5, scoring: 0.75 * 5 * points, evaluation: 0.5 });
    expect(seconds).toBe(outcome.cost.total);
    await trial(4 * problem.batchSize);
    expect(asked.at(-1)!.seed).toBe("7 1");
    await trial(problem.batchSize);
    expect(asked.at(-1)!.place).toEqual({ ...cell, x });
  });

  it("trains on a share of the data, and by the published switch", async () => {
    await propose({ fidelity: "data_share", cell })(1 / 4);
    expect(asked.at(-1)!.place).toEqual({ family: "share", level: 1 / 4, x });
    await propose({ fidelity: "data_share", cell })(1);
    expect(asked.at(-1)!.place).toEqual({ ...cell, x });
    expect(superBatchCell(2, "published", problem)).toEqual({ family: "published", level: 2 });
    expect(superBatchCell(16, "published", problem)).toEqual(cell);
    expect(superBatchCell(16, "always", problem)).toEqual({ family: "always", level: 16 });
  });

  it("goes on from a lower rung's checkpoint, along the same curve", async () => {
    expect(fidelityLevels(problem, "epochs")).toEqual([4, 12, 36]);
    const trial = propose({ fidelity: "epochs", cell });
    expect((await trial(4)).outcome).toEqual({
      value: 0.85,
      cost: { total: 2.5, scoring: 0, evaluation: 0.5 },
      priorCost: 0,
      stoppedEarly: false,
    });
    const promoted = await trial(12);
    expect(promoted.outcome.cost.total).toBe(4.5);
    expect(promoted.outcome.priorCost).toBe(2);
    expect(promoted.outcome.value).toBeCloseTo(0.75, 12);
    expect(asked.at(-1)!.seed).toBe("7 0");
    const anew = propose({ fidelity: "epochs", cell, world: { anew: true } });
    await anew(4);
    expect((await anew(12)).outcome.cost.total).toBe(6.5);
  });

  it("scores at another price", async () => {
    const trial = propose({ fidelity: "super_batch", cell, world: { scoring: 4 } });
    const { cost } = (await trial(4 * problem.batchSize)).outcome;
    expect(cost.scoring).toBeCloseTo(4 * 0.75 * 5 * points, 9);
    expect(cost.total).toBeCloseTo(5 * points * (0.25 + 3) + 0.5, 9);
  });
});
