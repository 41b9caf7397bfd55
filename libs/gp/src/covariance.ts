import { copyOut, createMatrix, type Matrix, padded, reserve, wasm } from "@superbatch/linalg";
import type { HyperparameterLayout } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { pointsSize, specificationSize, taskOffset, writePoints, writeSpecification } from "./kernel-memory.ts";
import { taskCovariance } from "./task-kernel.ts";

/** k(A, B), n_A × n_B: a² k_M(x, x′) Π k_T(s, s′), without noise. */
export function covariance(layout: HyperparameterLayout, theta: Float64Array, a: Inputs, b: Inputs): Matrix {
  const width = padded(b.count);
  const { addresses, numbers } = reserve([
    specificationSize(layout),
    pointsSize(layout, a.count),
    pointsSize(layout, b.count),
    padded(a.count) * width,
    width,
  ]);
  const [specification, pa, pb, out, scratch] = addresses as [number, number, number, number, number];
  writeSpecification(layout, theta, numbers, specification);
  writePoints(layout, theta, a, numbers, pa);
  writePoints(layout, theta, b, numbers, pb);
  wasm.kernelMatrix(
    specification,
    pa,
    pa + taskOffset(layout, a.count),
    padded(a.count) * 8,
    pb,
    pb + taskOffset(layout, b.count),
    width * 8,
    a.count,
    b.count,
    0,
    out,
    width * 8,
    0,
    0,
    scratch,
  );
  return createMatrix(a.count, b.count, copyOut(numbers, out, a.count, b.count));
}

/** k(x, x) of each point: constant over x, since k_M(x, x) = 1. */
export function priorVariance(layout: HyperparameterLayout, theta: Float64Array, points: Inputs): Float64Array {
  const variance = new Float64Array(points.count).fill(Math.exp(theta[layout.amplitude]!));
  for (let f = 0; f < layout.tasks.length; f++) {
    const own = theta.subarray(layout.taskStart[f]);
    for (let i = 0; i < points.count; i++) {
      const s = points.fidelities[f * points.count + i]!;
      variance[i]! *= taskCovariance(layout.tasks[f]!.basis, own, s, s);
    }
  }
  return variance;
}
