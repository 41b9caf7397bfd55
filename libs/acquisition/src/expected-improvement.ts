import type { JointGaussian, Matrix } from "@superbatch/linalg";
import { normalCdf } from "@superbatch/random";
import { type LogGainFunction, onDemand } from "./acquisition-function.ts";
import { candidateLoadings, type JointSamples, jointSamples } from "./joint-samples.ts";
import { logMean } from "./log-mean.ts";

/**
 * log E[max(0, best − f)] for f ~ N(mean, sd²), accurate where the improvement itself would underflow (Ament et al. 2023, "Unexpected
 * improvements to expected improvement", appendix A).
 *
 * @param sd - at least 0; 0 gives the logarithm of the certain improvement, −∞ if there is none.
 */
export function logExpectedImprovement(mean: number, sd: number, best: number): number {
  if (!(sd > 0)) return logCertain(best - mean);
  return Math.log(sd) + logStandardImprovement((best - mean) / sd);
}

/** Of an improvement without uncertainty. */
function logCertain(gap: number): number {
  return Math.log(Math.max(0, gap));
}

const halfLogTwoPi = Math.log(2 * Math.PI) / 2;

/** log(φ(z) + z Φ(z)): of what a standard normal variable is expected to exceed −z by. */
function logStandardImprovement(z: number): number {
  // z² would overflow.
  if (z < -1e150) return Number.NEGATIVE_INFINITY;
  const shift = shiftOf(z);
  return Math.log(standardImprovement(z, shift)) - shift;
}

/** By which the logarithm is raised where the improvement itself would underflow. */
function shiftOf(z: number): number {
  return z > -5 ? 0 : (z * z) / 2;
}

/** (φ(z) + z Φ(z)) exp(shift) for the {@link shiftOf} z or of a larger number. */
function standardImprovement(z: number, shift: number): number {
  if (z > -5) return z * normalCdf(z) + Math.exp((-z * z) / 2 - halfLogTwoPi);
  // φ(z) + z Φ(z) = φ(z) (1 − |z| Φ(z)/φ(z)); the second factor by the continued fraction of Mills' ratio.
  return Math.exp(shift - (z * z) / 2 - halfLogTwoPi) * mills(-z);
}

/**
 * 1 − z Q(z)/φ(z) for z ≥ 5, by the continued fraction Q/φ = 1/(z + 1/f), f = z + 2/(z + 3/(z + …)); so many terms are exact to round-off. Numerator and
 * denominator of f's convergents separately: one division in all.
 */
function mills(z: number): number {
  if (z > 1e8) return 1 / (z * z);
  let top = z;
  let bottom = 1;
  let topBefore = 1;
  let bottomBefore = 0;
  for (let k = 2; k < 5 + 120 / z; k++) {
    const topNext = z * top + k * topBefore;
    const bottomNext = z * bottom + k * bottomBefore;
    topBefore = top;
    bottomBefore = bottom;
    top = topNext;
    bottom = bottomNext;
  }
  // 1 − z/(z + 1/f), without the cancellation.
  return bottom / (z * top + bottom);
}

/** log((1/S) Σ (φ(z_s) + z_s Φ(z_s))) of S ≥ 1 values. */
function logMeanImprovement(z: Float64Array): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < z.length; s++) best = Math.max(best, z[s]);
  const largest = logStandardImprovement(best);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  const shift = shiftOf(best);
  // log(φ(z) + z Φ(z)) < −z²/2 for z < 0, so that what is below this is less than e⁻⁴⁰ of the largest.
  const negligible = -Math.sqrt(2 * Math.max(0, 40 - largest));
  let sum = 0;
  for (let s = 0; s < z.length; s++) if (z[s] > negligible) sum += standardImprovement(z[s], shift);
  return Math.log(sum / z.length) - shift;
}

/**
 * Logarithm of the noisy expected improvement of a trial **at the candidate itself**: with fidelities, let the candidates be at the target (see
 * `withFixedFidelities`). The best value so far is not known where observations are noisy: improvement is averaged over joint samples of
 * the noise-free values at the incumbents, each with its own best value and the candidate's distribution given that sample
 * (Letham et al. 2019, "Constrained Bayesian optimization with noisy experiments"). Pending trials are among the incumbents, so their results are
 * integrated with the others. A repeated trial improves on nothing.
 *
 * @param posteriors - one per hyperparameter sample: the incumbents (`incumbents.ts`) as anchors, R of them.
 * @param base - at least R × S standard normals.
 */
export function createExpectedImprovement(posteriors: readonly JointGaussian[], base: Matrix): LogGainFunction {
  const samples = onDemand(posteriors, (posterior) => jointSamples(posterior, base));
  return { logGain: (joint, i) => logImprovements(samples(i), joint) };
}

function logImprovements(samples: JointSamples, joint: JointGaussian): Float64Array {
  // Without noise: what improves is the function's value, not an observation of it.
  const { scale, residual, explained } = candidateLoadings(samples, {
    ...joint,
    noise: new Float64Array(joint.noise.length),
  });
  const incumbents = samples.mean.length;
  const count = samples.base.columns;
  const values = new Float64Array(count);
  return joint.mean.map((mean, q) => {
    const sd = scale[q] * residual[q];
    for (let s = 0; s < count; s++) {
      const gap = samples.sortedValues[s * incumbents] - mean - scale[q] * explained.data[q * count + s];
      values[s] = sd > 0 ? gap / sd : logCertain(gap);
    }
    return sd > 0 ? Math.log(sd) + logMeanImprovement(values) : logMean(values);
  });
}
