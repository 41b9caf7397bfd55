import type { GpModel } from "@superbatch/gp";
import { createMatrix, type JointGaussian, type Matrix } from "@superbatch/linalg";

/** Points per step: bounds the scratch memory (observations × points) and the time until a cancellation is seen. */
const blockPoints = 2048;

/**
 * Posterior of a model, block by block of the points.
 *
 * @param anchors - R × columns
 * @param points - Q × columns
 * @param checkpoint - called before each block; may throw to end the work.
 */
export function evaluate(model: GpModel, anchors: Matrix, points: Matrix, checkpoint: () => void): JointGaussian[] {
  if (points.rows <= blockPoints) {
    checkpoint();
    return model.posterior(anchors, points);
  }
  let whole: JointGaussian[] = [];
  for (let start = 0; start < points.rows; start += blockPoints) {
    checkpoint();
    const end = Math.min(start + blockPoints, points.rows);
    const rows = points.data.subarray(start * points.columns, end * points.columns);
    // The same anchors object each time: what concerns the anchors alone is computed once.
    const block = model.posterior(anchors, createMatrix(end - start, points.columns, rows));
    if (start === 0) whole = block.map((part) => allocate(part, anchors.rows, points.rows));
    block.forEach((part, i) => {
      copyBlock(part, whole[i]!, start);
    });
  }
  return whole;
}

function allocate(part: JointGaussian, r: number, q: number): JointGaussian {
  return {
    ...part,
    mean: new Float64Array(q),
    variance: new Float64Array(q),
    noise: new Float64Array(q),
    cross: createMatrix(r, q),
  };
}

function copyBlock(part: JointGaussian, whole: JointGaussian, start: number): void {
  whole.mean.set(part.mean, start);
  whole.variance.set(part.variance, start);
  whole.noise.set(part.noise, start);
  const { columns } = part.cross;
  for (let i = 0; i < part.cross.rows; i++) {
    const row = part.cross.data.subarray(i * columns, (i + 1) * columns);
    whole.cross.data.set(row, i * whole.cross.columns + start);
  }
}
