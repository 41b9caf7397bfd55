import { optimizer } from "@superbatch/contracts";
import { describe, expect, it } from "vitest";
import { bestSoFar } from "./best-so-far.ts";

const study = (outcomeConstraints: object[]) =>
  optimizer.Study.fromJSON({
    spec: {
      objective: { metric: "error" },
      outcomeConstraints,
      space: { parameters: [{ name: "x", float: { min: 0, max: 1 } }] },
    },
  });

const trials = [
  [0.1, 30],
  [0.5, 20],
  [0.2, 21],
  [0.4, 1],
].map(([value, latency], i) =>
  optimizer.Trial.fromJSON({
    number: i + 1,
    parameters: { x: { number: 0.5 } },
    measurement: { value, metrics: { latency }, cost: { total: 1 } },
    cost: { total: 1 },
    endTime: new Date(1e12 + 1000 * i).toISOString(),
  }),
);

describe("bestSoFar", () => {
  it("is the lowest value until then", () => {
    expect(bestSoFar(study([]), trials).map(({ bestTrial, best }) => [bestTrial, best])).toEqual(
      Array(4).fill([1, 0.1]),
    );
  });

  it("keeps the outcome constraints: there is none as long as no trial does", () => {
    const rows = bestSoFar(study([{ metric: "latency", atMost: 20 }]), trials);
    expect(rows.map(({ bestTrial, best }) => [bestTrial, best])).toEqual([
      [null, null],
      [2, 0.5],
      [2, 0.5],
      [4, 0.4],
    ]);
    expect(rows.map(({ spent }) => spent)).toEqual([1, 2, 3, 4]);
  });
});
