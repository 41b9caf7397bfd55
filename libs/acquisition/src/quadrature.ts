/** Nodes ζ and weights of a quadrature for the standard normal: E[g(ζ)] ≈ Σ weights[i] · g(nodes[i]). */
export interface NormalQuadrature {
  /** Ascending. */
  readonly nodes: Float64Array;
  /** Positive, Σ = 1. */
  readonly weights: Float64Array;
}

/**
 * Gauss–Hermite quadrature for the standard normal weight: exact for polynomials up to degree 2 · count − 1. Roots of the orthonormal
 * Hermite polynomials by Newton's method, each started from the extrapolation of the roots before it (Press et al., Numerical
 * Recipes, section 4.6).
 *
 * @param count - number of nodes, 1 … 100.
 * @throws {RangeError} if `count` is not such an integer.
 */
export function gaussHermite(count: number): NormalQuadrature {
  if (!Number.isInteger(count) || count < 1 || count > 100) {
    throw new RangeError(`the number of nodes must be an integer in [1, 100], not ${count}`);
  }
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  let x = 0;
  const roots: number[] = [];
  for (let i = 0; i < Math.ceil(count / 2); i++) {
    if (i === 0) x = Math.sqrt(2 * count + 1) - 1.85575 * (2 * count + 1) ** (-1 / 6);
    else if (i === 1) x -= (1.14 * count ** 0.426) / x;
    else if (i === 2) x = 1.86 * x - 0.86 * roots[0];
    else if (i === 3) x = 1.91 * x - 0.91 * roots[1];
    else x = 2 * x - roots[i - 2];
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      let value = Math.PI ** -0.25;
      let previous = 0;
      for (let k = 0; k < count; k++) {
        const next = x * Math.sqrt(2 / (k + 1)) * value - Math.sqrt(k / (k + 1)) * previous;
        previous = value;
        value = next;
      }
      slope = Math.sqrt(2 * count) * previous;
      const change = value / slope;
      x -= change;
      if (Math.abs(change) < 1e-15 * Math.max(1, Math.abs(x))) break;
    }
    roots.push(x);
    // From the weight exp(−x²) to the standard normal density.
    nodes[count - 1 - i] = x * Math.SQRT2;
    nodes[i] = -x * Math.SQRT2;
    weights[i] = 2 / (slope * slope) / Math.sqrt(Math.PI);
    weights[count - 1 - i] = weights[i];
  }
  if (count % 2 === 1) nodes[(count - 1) / 2] = 0;
  return { nodes, weights };
}
