/** Value of a function of θ; where `gradient` is given, its derivatives are written there. */
export type Differentiable = (theta: Float64Array, gradient?: Float64Array) => number;

export interface MaximizeOptions {
  /** Most iterations, each of one or a few evaluations. @default 100 */
  readonly iterations?: number;
  /** Stops when two iterations in a row gain less than this. @default 1e-6 */
  readonly tolerance?: number;
  /** Number of past steps that shape the next one. @default 10 */
  readonly memory?: number;
}

export interface Maximum {
  readonly theta: Float64Array;
  readonly value: number;
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly curvature: number;
}

/**
 * A local maximum by L-BFGS (Nocedal & Wright 2006, algorithm 7.5) with a backtracking line search; no step is longer than 2 in
 * any coordinate, since the coordinates are logarithms. A value of −∞ or NaN counts as worse than any other.
 */
export function maximize(f: Differentiable, start: Float64Array, options: MaximizeOptions = {}): Maximum {
  const { iterations = 100, tolerance = 1e-6, memory = 10 } = options;
  let theta = start.slice();
  let gradient = new Float64Array(theta.length);
  let value = f(theta, gradient);
  const pairs: Pair[] = [];
  let idle = 0;
  for (let iteration = 0; iteration < iterations; iteration++) {
    let direction = ascentDirection(gradient, pairs);
    let slope = dot(direction, gradient);
    if (!(slope > 0)) {
      pairs.length = 0;
      direction = gradient.slice();
      slope = dot(direction, gradient);
      if (!(slope > 0)) break;
    }
    const longest = direction.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    let scale = Math.min(pairs.length === 0 ? 1 / longest : 1, 2 / longest);
    const next = new Float64Array(theta.length);
    const nextGradient = new Float64Array(theta.length);
    let nextValue = Number.NEGATIVE_INFINITY;
    for (let attempt = 0; attempt < 20; attempt++) {
      for (let i = 0; i < theta.length; i++) next[i] = theta[i]! + scale * direction[i]!;
      nextValue = f(next, nextGradient);
      if (nextValue >= value + 1e-4 * scale * slope) break;
      // The minimum of the parabola through both values and the slope, within safe limits.
      const fitted = (slope * scale * scale) / (2 * (value + slope * scale - nextValue));
      scale = Number.isFinite(fitted) ? Math.min(Math.max(fitted, 0.1 * scale), 0.5 * scale) : 0.2 * scale;
      nextValue = Number.NEGATIVE_INFINITY;
    }
    if (nextValue === Number.NEGATIVE_INFINITY) break;
    const step = next.map((v, i) => v - theta[i]!);
    const change = gradient.map((v, i) => v - nextGradient[i]!);
    const curvature = dot(step, change);
    if (curvature > 1e-12 * dot(change, change)) pairs.push({ step, change, curvature });
    if (pairs.length > memory) pairs.shift();
    const gain = nextValue - value;
    theta = next;
    gradient = nextGradient;
    value = nextValue;
    idle = gain < tolerance ? idle + 1 : 0;
    if (idle === 2) break;
  }
  return { theta, value };
}

function ascentDirection(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.slice();
  const weights = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { step, change, curvature } = pairs[k]!;
    weights[k] = dot(step, q) / curvature;
    for (let i = 0; i < q.length; i++) q[i]! -= weights[k]! * change[i]!;
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = last.curvature / dot(last.change, last.change);
    for (let i = 0; i < q.length; i++) q[i]! *= scale;
  }
  for (let k = 0; k < pairs.length; k++) {
    const { step, change, curvature } = pairs[k]!;
    const weight = weights[k]! - dot(change, q) / curvature;
    for (let i = 0; i < q.length; i++) q[i]! += weight * step[i]!;
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
