import { describe, expect, it } from "vitest";
import { createSession } from "./session.ts";

describe("smoke", () => {
  it("runs", () => {
    const session = createSession({ examples: 1000, batchSize: 8, superBatchSize: 24, threshold: 1.05, seed: 1 });
    let tasks = session.join({ worker: "0", shards: [] }).flatMap((d) => d.answer.tasks);
    const seen: string[] = [];
    for (let k = 0; k < 60; k++) {
      const task = tasks.shift()!;
      seen.push(task.action);
      if (task.scores === "none") continue;
      const scores = Float32Array.from(task.indices, (i) => (i % 10) ** 2);
      tasks = [
        ...tasks,
        ...session.report("0", { round: task.round, part: task.part, scores }).flatMap((d) => d.answer.tasks),
      ];
    }
    expect(seen).toContain("score");
    expect(session.token().length).toBeLessThan(400);
  });
});
