import { optimizer, pointFromProto, spaceToProto } from "@superbatch/contracts";
import type { Point, SearchSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { type OptimizerClient, startOptimizer } from "./services.ts";
import { temporaryFolder } from "./temporary.ts";

const space: SearchSpace = {
  parameters: [
    { name: "x", domain: { kind: "float", min: 1e-4, max: 1, scale: "log" } },
    { name: "kind", domain: { kind: "categorical", categories: ["a", "b", "c"] } },
    {
      name: "super_batch",
      domain: { kind: "integer", min: 32, max: 256, scale: "log" },
      fidelity: { target: 1024, basis: "fabolas" },
    },
  ],
  constraints: [],
};

/** A deterministic objective and cost; its best point is x = 0.01, kind b. */
function evaluate(point: Point): { value: number; cost: number } {
  const x = Math.log10(point.x as number) + 2;
  const offset = { a: 0.3, b: 0, c: 0.5 }[point.kind as string] ?? 1;
  const s = Math.log2((point.super_batch as number) / 32) / 5;
  return { value: 0.1 + 0.2 * x * x + offset + 0.2 * (1 - s) ** 2, cost: 1 + 4 * s };
}

/** One trainer that works until the study is completed. */
async function run(client: OptimizerClient, studyId: string, trials: number): Promise<Point[]> {
  const spec = { space: spaceToProto(space), objective: { metric: "error" }, budget: { maxTrials: trials }, seed: 7 };
  const { study } = await client.createStudy({
    parent: "",
    studyId,
    study: optimizer.Study.fromPartial({ spec }),
    requestId: "",
  });
  const points: Point[] = [];
  for (;;) {
    const request = { study: study!.name, worker: "only", waitSeconds: 20 };
    const { leases, studyCompleted } = await client.leaseTrials(optimizer.LeaseTrialsRequest.fromPartial(request));
    if (studyCompleted) return points;
    for (const { trial, leaseId } of leases) {
      const point = pointFromProto(trial!.parameters);
      points.push(point);
      const { value, cost } = evaluate(point);
      const measurement = { value, cost: { total: cost, gradient: cost } };
      await client.completeTrial(
        optimizer.CompleteTrialRequest.fromPartial({ trial: trial!.name, leaseId, measurement }),
      );
    }
  }
}

describe("a study with a seed, one trainer and a deterministic objective", () => {
  it("gives the same trials twice, also from another process", async () => {
    const trials = 14;
    const runs: Point[][] = [];
    for (const repetition of [1, 2]) {
      using folder = temporaryFolder();
      await using services = await startOptimizer(folder.path);
      runs.push(await run(services.client, `same-${repetition}`, trials));
    }
    expect(runs[0]).toHaveLength(trials);
    expect(runs[1]).toEqual(runs[0]);
    // It is the model's choices that are repeated, not just a design: late trials gather where the objective is good.
    const late = runs[0]!.slice(-4).map((point) => evaluate({ ...point, super_batch: 1024 }).value);
    expect(Math.min(...late)).toBeLessThan(0.25);
  });
});
