import { padded } from "@superbatch/linalg";
import type { HyperparameterLayout } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { secondBasisFunction } from "./task-kernel.ts";

// How hyperparameters and points lie in the linear memory for the compiled kernels (libs/linalg/assembly/kernel.ts).

const kinds = { matern52: 0, rbf: 1, "matern52-product": 2 } as const;

/** Numbers that {@link writeSpecification} needs. */
export function specificationSize({ inputs, tasks }: HyperparameterLayout): number {
  return 4 + 4 * inputs.groups.length + 4 * tasks.length;
}

export function writeSpecification(
  layout: HyperparameterLayout,
  theta: Float64Array,
  numbers: Float64Array,
  address: number,
): void {
  const { groups } = layout.inputs;
  let at = address / 8;
  numbers[at++] = kinds[layout.kernel];
  numbers[at++] = Math.exp(theta[layout.amplitude]!);
  numbers[at++] = groups.length;
  numbers[at++] = layout.tasks.length;
  for (let g = 0; g < groups.length; g++) {
    const { metric, start, columns } = groups[g]!;
    numbers[at++] = metric === "hamming" ? 1 : 0;
    numbers[at++] = start;
    numbers[at++] = columns;
    numbers[at++] = Math.exp(-2 * theta[g]!);
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

/** Numbers that {@link writePoints} needs: distance columns, then one column per task. */
export function pointsSize({ inputs, tasks }: HyperparameterLayout, count: number): number {
  return (inputs.columns + tasks.length) * padded(count);
}

/** Byte offset of the task columns within the points. */
export function taskOffset({ inputs }: HyperparameterLayout, count: number): number {
  return inputs.columns * padded(count) * 8;
}

/** Writes points column by column, Euclidean columns divided by their length scale, each padded with zeros. */
export function writePoints(
  layout: HyperparameterLayout,
  theta: Float64Array,
  points: Inputs,
  numbers: Float64Array,
  address: number,
): void {
  const n = points.count;
  const width = padded(n);
  let at = address / 8;
  layout.inputs.groups.forEach(({ metric, start, columns }, g) => {
    const scale = metric === "hamming" ? 1 : Math.exp(-theta[g]!);
    for (let c = start; c < start + columns; c++, at += width) {
      for (let i = 0; i < n; i++) numbers[at + i] = scale * points.columns[c * n + i]!;
      numbers.fill(0, at + n, at + width);
    }
  });
  layout.tasks.forEach(({ basis }, f) => {
    for (let i = 0; i < n; i++) {
      const s = points.fidelities[f * n + i]!;
      numbers[at + i] = basis === "exponential" ? s : secondBasisFunction(basis, s);
    }
    numbers.fill(0, at + n, at + width);
    at += width;
  });
}
