// Batch normalization for the wasm backend, its rows split among the team: sums of the parts first, then what needs them.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { addressOf, withScratch } from "./memory.ts";
import type { Implementation } from "./register.ts";
import type { Team } from "./team.ts";

/** What reading and writing a value costs, in multiplications. */
const perValue = 4;

/** Rows and channels of a tensor whose last axis is the channels. */
function matrix(x: tf.TensorInfo): { rows: number; c: number; pitch: number } {
  const c = x.shape[x.shape.length - 1];
  return { rows: tf.util.sizeFromShape(x.shape) / c, c, pitch: c * 4 };
}

/**
 * Two sums per channel over all rows, into `results`: one part's directly, the others' added to it.
 *
 * @param sum - writes 2 · c floats for rows first, ..., last − 1
 */
function sumParts(
  team: Team,
  backend: BackendWasm,
  { rows, c, pitch }: { rows: number; c: number; pitch: number },
  results: readonly [number, number],
  sum: (kernels: Team["kernels"], first: number, last: number, to: readonly [number, number]) => void,
): void {
  const parts = team.parts(rows, rows * c * perValue);
  withScratch(backend, Math.max(1, parts - 1) * 2 * pitch, (scratch) => {
    const place = (part: number) =>
      part === 0 ? results : ([scratch + (part - 1) * 2 * pitch, scratch + (part * 2 - 1) * pitch] as const);
    team.run(parts, rows, (kernels, first, last, part) => sum(kernels, first, last, place(part)));
    for (let part = 1; part < parts; part++) {
      for (const [i, from] of place(part).entries()) team.kernels.accumulate(from, results[i], c);
    }
  });
}

export const batchMoments: Implementation = (team, backend, { x }) => {
  const shape = matrix(x);
  const { rows, c, pitch } = shape;
  const outputs = [backend.makeOutput([c], "float32"), backend.makeOutput([c], "float32")];
  const [mean, variance] = outputs.map((tensor) => addressOf(backend, tensor));
  const from = addressOf(backend, x);
  sumParts(team, backend, shape, [mean, variance], (kernels, first, last, [sums, squares]) => {
    kernels.momentSums(from + first * pitch, from, sums, squares, last - first, c);
  });
  team.kernels.momentsFromSums(from, mean, variance, rows, c);
  return outputs;
};

export const batchNormApply: Implementation = (team, backend, inputs, attributes) => {
  const { x, gamma, beta, mean, variance } = inputs;
  const { rows, c, pitch } = matrix(x);
  const [epsilon, rectify] = [attributes.epsilon as number, attributes.rectify === true];
  const y = backend.makeOutput(x.shape, "float32");
  const [ax, ag, ab, am, av, ay] = [x, gamma, beta, mean, variance, y].map((tensor) => addressOf(backend, tensor));
  withScratch(backend, 2 * pitch, (scale) => {
    const shift = scale + pitch;
    team.kernels.affine(ag, ab, am, av, epsilon, scale, shift, c);
    team.run(team.parts(rows, rows * c * perValue), rows, (kernels, first, last) => {
      kernels.normalize(ax + first * pitch, scale, shift, rectify, ay + first * pitch, last - first, c);
    });
  });
  return y;
};

export const batchNormGradient: Implementation = (team, backend, inputs, attributes) => {
  const { dy, x, gamma, beta, mean, variance } = inputs;
  const shape = matrix(x);
  const { rows, c, pitch } = shape;
  const [epsilon, rectify, training] = [
    attributes.epsilon as number,
    attributes.rectify === true,
    attributes.training === true,
  ];
  const dx = backend.makeOutput(x.shape, "float32");
  const [dGamma, dBeta] = [backend.makeOutput([c], "float32"), backend.makeOutput([c], "float32")];
  const [ady, ax, ag, ab, am, av] = [dy, x, gamma, beta, mean, variance].map((t) => addressOf(backend, t));
  const [adx, adg, adb] = [dx, dGamma, dBeta].map((tensor) => addressOf(backend, tensor));
  withScratch(backend, 5 * pitch, (scale) => {
    const [offset, a, b, slope] = [1, 2, 3, 4].map((place) => scale + place * pitch);
    team.kernels.affine(ag, ab, am, av, epsilon, scale, offset, c);
    team.kernels.gate(scale, offset, rectify, a, b, c);
    sumParts(team, backend, shape, [adg, adb], (kernels, first, last, [products, sums]) => {
      kernels.gradientSums(ady + first * pitch, ax + first * pitch, am, a, b, products, sums, last - first, c);
    });
    team.kernels.gradientCoefficients(adg, adb, am, av, epsilon, training, scale, slope, offset, rows, c);
    team.run(team.parts(rows, rows * c * perValue), rows, (kernels, first, last) => {
      const [g, from, to] = [ady, ax, adx].map((address) => address + first * pitch);
      kernels.applyGradient(g, from, scale, slope, offset, a, b, to, last - first, c);
    });
  });
  return [dx, dGamma, dBeta];
};
