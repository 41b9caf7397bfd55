import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Emulator } from "../emulator/emulator.ts";
import { methods } from "./methods.ts";
import type { StudyRecord } from "./records.ts";
import { describeRetrained, judgedByTraining, readRetrained } from "./retrained.ts";
import { retrainedTable } from "./standings-table.ts";

function study(seed: number, recommended: StudyRecord["recommended"]): StudyRecord {
  const rest = { digest: "", data: "", workers: 1, target: [0.6], fidelity: [], cost: [], suggestionSeconds: 0 };
  return { method: "random", seed, recommended, uniform: [0.7, 0.6], ...rest };
}

it("studies are judged by what their last recommendation came to when it was trained", () => {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-retrained-"));
  try {
    expect(readRetrained(folder).size).toBe(0);
    writeFileSync(join(folder, "retrained.jsonl"), '{"x":[0.1,1],"errors":[0.5,0.6]}\n');
    const random = methods.find(({ name }) => name === "random")!;
    const studies = [
      [
        random,
        [
          study(0, [null, [0.1, 1]]),
          study(1, [
            [0.1, 1],
            [0.2, 1],
          ]),
          study(2, [null]),
        ],
      ],
    ] as const;
    const judged = judgedByTraining(studies, readRetrained(folder));
    expect(judged[0]![1]).toEqual([{ ...studies[0][1][0], uniform: [0.55] }]);
    // The emulator's error is that of the same studies.
    expect(retrainedTable(judged, studies, "entropy-search")).toContain("| random search | 1 | 55.0% | – | 60.0% |");
    expect(retrainedTable([[random, []]], studies, "entropy-search")).toBe("None is trained yet.");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the emulator is compared with what it knows nothing of", () => {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-retrained-"));
  const lines = Array.from({ length: 10 }, (_, i) => JSON.stringify({ x: [i], errors: [0.6, 0.61, 0.62] }));
  const emulator = { truth: ({ x }: { x: readonly number[] }) => ({ mean: x[0]! % 2 ? 0.6 : 0.64, sd: 0 }) };
  try {
    writeFileSync(join(folder, "retrained.jsonl"), `${lines.slice(1).join("\n")}\n`);
    expect(describeRetrained(emulator as unknown as Emulator, folder)).toBe("");
    writeFileSync(join(folder, "retrained.jsonl"), `${lines.join("\n")}\n`);
    const text = describeRetrained(emulator as unknown as Emulator, folder);
    // Half of them 1 point too low and half 3 points too high; three trainings with a standard deviation of 1 point each.
    expect(text).toContain("all 10 places");
    expect(text).toContain("+1.0 points off");
    expect(text).toContain("2.2 in the root mean square");
    expect(text).toContain("explains 0.6.");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
