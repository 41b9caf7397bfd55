import { cholesky, type JointGaussian } from "@superbatch/linalg";
import { gaussianFromProto } from "../convert/matrix.ts";
import type { PosteriorSample } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";
import { ContractBreach, demand } from "./breach.ts";

/** Relative to the mean variance: what round-off may take from a positive semidefinite matrix. */
const roundOff = 1e-6;

/**
 * One Gaussian of an answer, checked by itself: shapes as the contract says, all finite, variances at least 0, the anchors' covariance symmetric
 * and positive semidefinite, no covariance above what two variances allow.
 *
 * @param where - for messages: which output and sample.
 * @throws {ContractBreach}
 */
export function readGaussian(message: PosteriorSample, r: number, q: number, where: string): JointGaussian {
  checkShapes(message, r, q, where);
  const gaussian = decode(message, where);
  checkValues(gaussian, where);
  checkCovariance(gaussian, where);
  checkCross(gaussian, where);
  return gaussian;
}

function checkShapes(message: PosteriorSample, r: number, q: number, where: string): void {
  const shapes: [keyof PosteriorSample, string, number, number][] = [
    ["anchorMean", "anchor_mean", r, 1],
    ["anchorCovariance", "anchor_covariance", r, r],
    ["anchorNoise", "anchor_noise", r, 1],
    ["mean", "mean", q, 1],
    ["variance", "variance", q, 1],
    ["noise", "noise", q, 1],
    ["cross", "cross", r, q],
  ];
  for (const [key, name, rows, columns] of shapes) {
    const matrix = message[key];
    // An empty matrix may be left out, or say only one of its sides.
    if (rows * columns === 0 && (matrix?.data.length ?? 0) === 0) continue;
    demand(
      matrix !== undefined && matrix.rows === rows && matrix.columns === columns,
      () =>
        `${name} (${where}) must be ${rows} × ${columns} for ${r} anchors and ${q} points, not ${matrix?.rows ?? 0} × ${matrix?.columns ?? 0}`,
    );
  }
}

function decode(message: PosteriorSample, where: string): JointGaussian {
  try {
    return gaussianFromProto(message);
  } catch (error) {
    throw new ContractBreach(`the Gaussian (${where}) cannot be read: ${(error as Error).message}`);
  }
}

function checkValues(gaussian: JointGaussian, where: string): void {
  const { anchorCovariance, cross, anchorMean, anchorNoise, mean, variance, noise } = gaussian;
  const parts = {
    anchor_mean: anchorMean,
    anchor_covariance: anchorCovariance.data,
    anchor_noise: anchorNoise,
    mean,
    variance,
    noise,
    cross: cross.data,
  };
  for (const [name, values] of Object.entries(parts)) {
    const i = values.findIndex((value) => !Number.isFinite(value));
    demand(i < 0, () => `${name} (${where}) must be finite, but value ${i} is ${values[i]}`);
  }
  for (const [name, values] of Object.entries({ anchor_noise: anchorNoise, variance, noise })) {
    const i = values.findIndex((value) => value < 0);
    demand(i < 0, () => `${name} (${where}) must be at least 0, but value ${i} is ${values[i]}`);
  }
}

function meanVariance({ anchorCovariance: { rows, data } }: JointGaussian): number {
  let trace = 0;
  for (let i = 0; i < rows; i++) trace += data[i * rows + i]!;
  return rows === 0 ? 0 : trace / rows;
}

function checkCovariance(gaussian: JointGaussian, where: string): void {
  const { anchorCovariance } = gaussian;
  const { rows: r, data } = anchorCovariance;
  const scale = meanVariance(gaussian);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < i; j++) {
      const [lower, upper] = [data[i * r + j]!, data[j * r + i]!];
      demand(
        Math.abs(lower - upper) <= 1e-12 * Math.abs(scale),
        () =>
          `anchor_covariance (${where}) must be symmetric, but (${i}, ${j}) is ${lower} and (${j}, ${i}) is ${upper}`,
      );
    }
  }
  if (r === 0) return;
  const { jitter } = cholesky(anchorCovariance);
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  demand(
    jitter <= roundOff * scale || largest === 0,
    () =>
      `anchor_covariance (${where}) must be positive semidefinite, but ${(jitter / scale).toPrecision(2)} of the mean variance must be added to its diagonal`,
  );
}

function checkCross(gaussian: JointGaussian, where: string): void {
  const { anchorCovariance, cross, variance } = gaussian;
  const { rows: r, columns: q, data } = cross;
  const slack = roundOff * meanVariance(gaussian) + 1e-12;
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < q; j++) {
      const bound = Math.sqrt(anchorCovariance.data[i * r + i]! * variance[j]!);
      demand(
        Math.abs(data[i * q + j]!) <= bound + slack,
        () =>
          `cross (${where}) at (${i}, ${j}) is ${data[i * q + j]}, more than the two variances allow (at most ${bound.toPrecision(6)})`,
      );
    }
  }
}
