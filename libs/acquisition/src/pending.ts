import {
  cholesky,
  createMatrix,
  type JointGaussian,
  type Matrix,
  multiply,
  solveLower,
  transpose,
} from "@superbatch/linalg";

/**
 * Conditions on trials that are under way: the last `pending` anchors. Their results are taken to be observed (with noise) at the posterior
 * mean, so means stay and covariances shrink by exactly what any result would take: for a Gaussian the posterior covariance does
 * not depend on the value observed. Those anchors are then dropped.
 *
 * V ← V − C_p (V_pp + Σ_p)⁻¹ C_pᵀ, likewise for the points' variances and cross-covariances.
 *
 * @param joint - anchors: R kept ones, then the pending ones.
 * @param pending - number of pending anchors, P.
 * @returns a posterior of R anchors and the same points; `joint` itself if P = 0.
 * @throws {RangeError} if P exceeds the number of anchors.
 */
export function conditionOnPending(joint: JointGaussian, pending: number): JointGaussian {
  const anchors = joint.anchorMean.length;
  if (!Number.isInteger(pending) || pending < 0 || pending > anchors) {
    throw new RangeError(`${pending} of ${anchors} anchors cannot be pending`);
  }
  if (pending === 0) return joint;
  const kept = anchors - pending;
  const covariance = joint.anchorCovariance;
  const observed = block(covariance, kept, anchors, kept, anchors);
  for (let i = 0; i < pending; i++) observed.data[i * pending + i] += joint.anchorNoise[kept + i];
  const { factor } = cholesky(observed);
  const onAnchors = solveLower(factor, block(covariance, kept, anchors, 0, kept)); // P × R
  const onPoints = solveLower(factor, block(joint.cross, kept, anchors, 0, joint.cross.columns)); // P × Q
  const explained = transpose(onAnchors);
  const points = joint.mean.length;
  const variance = joint.variance.slice();
  for (let i = 0; i < pending; i++) {
    for (let q = 0; q < points; q++) variance[q] -= onPoints.data[i * points + q] ** 2;
  }
  return {
    anchorMean: joint.anchorMean.slice(0, kept),
    anchorCovariance: subtract(block(covariance, 0, kept, 0, kept), multiply(explained, onAnchors)),
    anchorNoise: joint.anchorNoise.slice(0, kept),
    mean: joint.mean,
    variance: variance.map((v) => Math.max(v, 0)),
    noise: joint.noise,
    cross: subtract(block(joint.cross, 0, kept, 0, points), multiply(explained, onPoints)),
  };
}

/** Rows and columns from (inclusive) and to (exclusive), copied. */
function block(a: Matrix, rowFrom: number, rowTo: number, columnFrom: number, columnTo: number): Matrix {
  const result = createMatrix(rowTo - rowFrom, columnTo - columnFrom);
  for (let i = rowFrom; i < rowTo; i++) {
    const row = a.data.subarray(i * a.columns + columnFrom, i * a.columns + columnTo);
    result.data.set(row, (i - rowFrom) * result.columns);
  }
  return result;
}

function subtract(a: Matrix, b: Matrix): Matrix {
  return createMatrix(
    a.rows,
    a.columns,
    a.data.map((value, i) => value - b.data[i]),
  );
}
