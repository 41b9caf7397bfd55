/** A point of a learning curve. */
export interface CurvePoint {
  /** Above 0. */
  readonly step: number;
  readonly value: number;
}

/** What is believed of a curve's end. */
export interface CurveEnd {
  readonly mean: number;
  /** Probability that the measured end is below a value. */
  below(value: number): number;
}

/** Where values of the study's curves usually lie. */
export interface CurvePrior {
  readonly mean: number;
  /** Above 0. */
  readonly sd: number;
}

/** Exponents of the powers, close enough that no curve falls between two of them. */
const powers = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2];

/** Points looked at: neighbors tell the same. */
const pointLimit = 30;

/**
 * Extrapolates a learning curve with an ensemble of parametric curves (after Domhan, Springenberg, Hutter 2015, "Speeding up automatic hyperparameter
 * optimization of deep neural networks by extrapolation of learning curves").
 *
 * Each member of the ensemble is y(t) = c + a g(t) + ε with a fixed shape g: powers, exponentials, Weibull and Hill curves and a logarithm on a grid of
 * their parameters, and a constant. Unlike there, the posterior is exact, not sampled: c and a have a normal prior and ε's variance an inverse gamma one,
 * so that each member's marginal likelihood, its weight, and its prediction, a Student t, have closed forms (Bishop 2006, sections 2.3.6 and 3.3;
 * Gelman et al. 2013, section 14.2). The prediction is their mixture, by the square roots of their likelihoods (ours): no curve is quite one of the shapes, and
 * tempered weights make 5% tails hold 1.5 to 5% of the ends, where plain ones hold 6 to 7%.
 *
 * @param points - ascending in step, at least one.
 * @param end - step to predict.
 */
export function extrapolateCurve(points: readonly CurvePoint[], end: number, { mean, sd }: CurvePrior): CurveEnd {
  const kept = thin(points);
  const steps = kept.map(({ step }) => step);
  const values = kept.map(({ value }) => (value - mean) / sd);
  const members = shapesFor(steps[0]!, end).map((shape) => regress(shape, steps, values, end));
  const highest = Math.max(...members.map(({ logWeight }) => logWeight));
  const weights = members.map(({ logWeight }) => Math.exp((logWeight - highest) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const average = (of: (member: Member) => number) =>
    members.reduce((sum, member, k) => sum + (weights[k]! / total) * of(member), 0);
  return {
    mean: mean + sd * average(({ center }) => center),
    below: (value) =>
      average(({ center, scale, freedom }) => studentCdf(((value - mean) / sd - center) / scale, freedom)),
  };
}

/** At most {@link pointLimit} points, evenly by their place, the last one among them. */
function thin(points: readonly CurvePoint[]): readonly CurvePoint[] {
  const n = points.length;
  if (n <= pointLimit) return points;
  return Array.from({ length: pointLimit }, (_, i) => points[Math.round(((i + 1) * n) / pointLimit) - 1]!);
}

/** Falls from about 1 toward 0; undefined for the constant curve. */
type Shape = ((step: number) => number) | undefined;

function shapesFor(first: number, end: number): Shape[] {
  const scales = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6].map((share) => share * end);
  return [
    undefined,
    ...powers.map((power) => (step: number) => (step / first) ** -power),
    (step) => 1 / Math.log(step / first + Math.E),
    ...scales.flatMap((scale) => [0.5, 1, 2].map((power) => (step: number) => Math.exp(-((step / scale) ** power)))),
    ...scales.flatMap((scale) => [1, 2].map((power) => (step: number) => 1 / (1 + (step / scale) ** power))),
  ];
}

interface Member {
  /** Logarithm of the marginal likelihood, up to what all members share. */
  readonly logWeight: number;
  /** Student t of a measurement at the end, in units of the prior's standard deviation from its mean. */
  readonly center: number;
  readonly scale: number;
  readonly freedom: number;
}

/** Variance of the noise before anything is seen: that of a twentieth of how much values differ. */
const noise = 0.05 ** 2;

/** Prior precisions of c and a in units of the noise's: c lies where values lie, a may be twice as large. */
const precision = [noise / 1, noise / 4] as const;

/** Bayesian linear regression on (1, g), or on 1 alone for the constant curve. */
function regress(shape: Shape, steps: readonly number[], values: readonly number[], end: number): Member {
  const n = steps.length;
  const g = steps.map((step) => shape?.(step) ?? 0);
  const sum = (of: (i: number) => number) => steps.reduce((total, _, i) => total + of(i), 0);
  // The inverse of the posterior's covariance (in units of the noise's variance) is [[p, q], [q, r]].
  const p = precision[0] + n;
  const q = sum((i) => g[i]!);
  const r = precision[1] + sum((i) => g[i]! ** 2);
  const u = sum((i) => values[i]!);
  const v = sum((i) => g[i]! * values[i]!);
  const determinant = p * r - q * q;
  const c = (r * u - q * v) / determinant;
  const a = (p * v - q * u) / determinant;
  const shapeOfNoise = 2 + n / 2;
  const rate = noise + Math.max(0, sum((i) => values[i]! ** 2) - (c * u + a * v)) / 2;
  const h = shape?.(end) ?? 0;
  const spread = (r - 2 * q * h + p * h * h) / determinant;
  return {
    logWeight: -0.5 * Math.log(determinant) - shapeOfNoise * Math.log(rate),
    center: c + a * h,
    scale: Math.sqrt((rate / shapeOfNoise) * (1 + spread)),
    freedom: 2 * shapeOfNoise,
  };
}

/** Distribution function of Student's t with a whole number of degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4). */
export function studentCdf(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let series = freedom === 1 ? 0 : term;
  for (let k = odd ? 2 : 1; k + 1 < freedom - (odd ? 0 : 1); k += 2) {
    term *= (k / (k + 1)) * cosine * cosine;
    series += term;
  }
  const within = odd ? (2 / Math.PI) * (angle + sine * series) : sine * series;
  return (1 + within) / 2;
}
