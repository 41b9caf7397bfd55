import { optimizer } from "@superbatch/contracts";
import { describe, expect, it } from "vitest";
import { predict } from "./model-at.ts";
import type { ViewContext } from "./view-context.ts";

/** A model that says the same everywhere. */
function contextOf(transform: string): ViewContext {
  const study = optimizer.Study.fromJSON({
    spec: {
      objective: { metric: "error", transform },
      space: { parameters: [{ name: "x", float: { min: 0, max: 1 } }] },
    },
  });
  const reader = {
    queryPosterior: async ({ points }: { points: unknown[] }) => ({
      predictions: points.map(() => optimizer.Prediction.fromPartial({ mean: 0.1, sd: 0.5, expectedCost: 3 })),
    }),
  };
  return { reader, study } as unknown as ViewContext;
}

describe("predict", () => {
  it("gives intervals in the metric's unit", async () => {
    const [at] = await predict(contextOf("OBJECTIVE_TRANSFORM_NONE"), [{ x: 0.5 }]);
    expect(at).toEqual({ mean: 0.1, low: 0.1 - 0.98, high: 0.1 + 0.98, sd: 0.5, expectedCost: 3 });
  });

  it("knows that of a logarithm the standard deviation is the logarithm's", async () => {
    const [at] = await predict(contextOf("OBJECTIVE_TRANSFORM_LOG"), [{ x: 0.5 }]);
    expect(at!.low).toBeCloseTo(0.1 * Math.exp(-0.98), 12);
    expect(at!.high).toBeCloseTo(0.1 * Math.exp(0.98), 12);
    expect(at!.sd).toBeCloseTo(0.05, 12);
  });
});
