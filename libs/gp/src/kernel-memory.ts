import { padded } from "@superbatch/linalg";
import type { HyperparameterLayout } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { secondBasisFunction } from "./task-kernel.ts";
import { warp, warpGradient } from "./warp.ts";

// How hyperparameters and points lie in the linear memory for the compiled kernels (libs/linalg/assembly/kernel.ts).

const kinds = { matern52: 0, rbf: 1, "matern52-product": 2 } as const;

/** Numbers that {@link writeSpecification} needs. */
export function specificationSize(layout: HyperparameterLayout): number {
  return 5 + 4 * (layout.inputs.groups.length + warpColumns(layout) + layout.tasks.length);
}

/** Further columns that derivatives by the warpings take: four per warped group. */
export function warpColumns({ warpStart }: HyperparameterLayout): number {
  return 4 * warpStart.filter((start) => start >= 0).length;
}

/** @param derivatives - whether the points carry the columns of {@link warpColumns} */
export function writeSpecification(
  layout: HyperparameterLayout,
  theta: Float64Array,
  numbers: Float64Array,
  address: number,
  derivatives = false,
): void {
  const { groups } = layout.inputs;
  let at = address / 8;
  numbers[at++] = kinds[layout.kernel];
  numbers[at++] = Math.exp(theta[layout.amplitude]!);
  numbers[at++] = groups.length;
  numbers[at++] = layout.tasks.length;
  const further = derivatives ? warpColumns(layout) : 0;
  numbers[at++] = further;
  for (let g = 0; g < groups.length; g++) {
    const { metric, start, columns } = groups[g]!;
    numbers[at++] = metric === "hamming" ? 1 : 0;
    numbers[at++] = start;
    numbers[at++] = columns;
    numbers[at++] = Math.exp(-2 * theta[g]!);
  }
  for (let c = 0; c < further; c++) {
    numbers[at++] = 0;
    numbers[at++] = layout.inputs.columns + c;
    numbers[at++] = 1;
    numbers[at++] = 1;
  }
  for (let f = 0; f < layout.tasks.length; f++) {
    const start = layout.taskStart[f]!;
    const exponential = layout.tasks[f]!.basis === "exponential";
    numbers[at++] = exponential ? 1 : 0;
    numbers[at++] = exponential ? Math.exp(theta[start]!) : theta[start]!;
    numbers[at++] = exponential ? Math.exp(theta[start + 1]!) : Math.exp(2 * theta[start + 1]!);
    numbers[at++] = exponential ? Math.exp(theta[start + 2]!) : 0;
  }
}

/** Numbers that {@link writePoints} needs: distance columns, then those for derivatives if asked for, then one column per task. */
export function pointsSize(layout: HyperparameterLayout, count: number, derivatives = false): number {
  return taskOffset(layout, count, derivatives) / 8 + layout.tasks.length * padded(count);
}

/** Byte offset of the task columns within the points. */
export function taskOffset(layout: HyperparameterLayout, count: number, derivatives = false): number {
  return (layout.inputs.columns + (derivatives ? warpColumns(layout) : 0)) * padded(count) * 8;
}

/** Writes points column by column, Euclidean columns divided by their length scale, each padded with zeros. */
export function writePoints(
  layout: HyperparameterLayout,
  theta: Float64Array,
  points: Inputs,
  numbers: Float64Array,
  address: number,
  derivatives = false,
): void {
  const n = points.count;
  const width = padded(n);
  let at = address / 8;
  layout.inputs.groups.forEach(({ metric, start, columns }, g) => {
    const scale = metric === "hamming" ? 1 : Math.exp(-theta[g]!);
    const warped = layout.warpStart[g]!;
    for (let c = start; c < start + columns; c++, at += width) {
      for (let i = 0; i < n; i++) {
        const value = points.columns[c * n + i]!;
        numbers[at + i] = scale * (warped < 0 ? value : warp(value, theta[warped]!, theta[warped + 1]!));
      }
      numbers.fill(0, at + n, at + width);
    }
  });
  if (derivatives) at = writeWarpColumns(layout, theta, points, numbers, at);
  layout.tasks.forEach(({ basis }, f) => {
    for (let i = 0; i < n; i++) {
      const s = points.fidelities[f * n + i]!;
      numbers[at + i] = basis === "exponential" ? s : secondBasisFunction(basis, s);
    }
    numbers.fill(0, at + n, at + width);
    at += width;
  });
}

/**
 * For a warped column z and its derivative u by log a or log b: the columns z + u and z − u, since
 * Δz Δu = ¼ (Δ(z + u)² − Δ(z − u)²) is what the derivative of a squared distance needs.
 */
function writeWarpColumns(
  layout: HyperparameterLayout,
  theta: Float64Array,
  points: Inputs,
  numbers: Float64Array,
  start: number,
): number {
  const n = points.count;
  const width = padded(n);
  let at = start;
  layout.inputs.groups.forEach((group, g) => {
    const warped = layout.warpStart[g]!;
    if (warped < 0) return;
    const scale = Math.exp(-theta[g]!);
    const [logA, logB] = [theta[warped]!, theta[warped + 1]!];
    for (let i = 0; i < n; i++) {
      const x = points.columns[group.start * n + i]!;
      const z = warp(x, logA, logB);
      const { byA, byB } = warpGradient(x, logA, logB);
      [z + byA, z - byA, z + byB, z - byB].forEach((value, c) => {
        numbers[at + c * width + i] = scale * value;
      });
    }
    for (let c = 0; c < 4; c++) numbers.fill(0, at + c * width + n, at + (c + 1) * width);
    at += 4 * width;
  });
  return at;
}
