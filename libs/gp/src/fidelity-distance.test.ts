import { matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { expect, it } from "vitest";
import { fitGp } from "./fit.ts";
import type { FidelityKernel } from "./model.ts";

const dimensions: Dimension[] = [
  { name: "x", kind: "numeric" },
  { name: "s", kind: "fidelity", basis: "fabolas" },
];

/** Cheap trials only, and what is believed of the target from them. */
function targetUncertainty(fidelityKernel: FidelityKernel): number {
  const rows = Array.from({ length: 30 }, (_, i) => [(i >> 1) / 14, i % 2 === 0 ? 0 : 0.12]);
  const y = Float64Array.from(rows, ([x, s]) => Math.sin(6 * x!) + (1 - s!) ** 2 * Math.cos(5 * x!) + (1 - s!) * x!);
  const model = fitGp(
    { dimensions, x: matrixFromRows(rows), y },
    { output: "objective", inference: "map", fidelityKernel },
    createRng(1),
  );
  const [posterior] = model.posterior(matrixFromRows([[0.5, 1]]), matrixFromRows([[0.3, 1]]));
  return Math.sqrt(posterior!.variance[0]!);
}

it("cheap fidelities alone leave the target uncertain", () => {
  for (const kernel of ["task-and-distance", "distance"] as const)
    expect(targetUncertainty(kernel)).toBeGreaterThan(1.5 * targetUncertainty("task"));
});
