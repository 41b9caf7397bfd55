import type { JointGaussian, Matrix } from "@superbatch/linalg";
import { normalCdf } from "@superbatch/random";
import { type AcquisitionFunction, onDemand } from "./acquisition-function.ts";
import { type CandidateLoadings, candidateLoadings, type JointSamples, jointSamples } from "./joint-samples.ts";

/**
 * log E[max(0, best − f)] for f ~ N(mean, sd²), accurate where the improvement itself would underflow (Ament et al. 2023, "Unexpected
 * improvements to expected improvement", appendix A).
 *
 * @param sd - at least 0; 0 gives the logarithm of the certain improvement, −∞ if there is none.
 */
export function logExpectedImprovement(mean: number, sd: number, best: number): number {
  if (!(sd > 0)) return Math.log(Math.max(0, best - mean));
  const z = (best - mean) / sd;
  if (z > -5) {
    return Math.log(sd) + Math.log(z * normalCdf(z) + Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
  }
  // φ(z) + z Φ(z) = φ(z) (1 − |z| Φ(z)/φ(z)); the second factor by the continued fraction of Mills' ratio.
  return Math.log(sd) - (z * z) / 2 - Math.log(2 * Math.PI) / 2 + Math.log(mills(-z));
}

/** 1 − z Q(z)/φ(z) for z ≥ 5, by the continued fraction Q/φ = 1/(z + 1/(z + 2/(z + 3/(z + …)))). */
function mills(z: number): number {
  let fraction = z;
  for (let k = 60; k >= 2; k--) fraction = z + k / fraction;
  // 1 − z/(z + 1/fraction), without the cancellation.
  const inverse = 1 / fraction;
  return inverse / (z + inverse);
}

/**
 * Noisy expected improvement of a trial **at the candidate itself**: with fidelities, let the candidates be at the target (see
 * `withFixedFidelities`). The best value so far is not known where observations are noisy: improvement is averaged over joint samples of
 * the representers (the incumbent among them), each with its own best value and the candidate's distribution given that sample
 * (Letham et al. 2019, "Constrained Bayesian optimization with noisy experiments").
 *
 * @param posteriors - one per hyperparameter sample: the representers as anchors, conditioned on pending trials.
 * @param base - at least R × S standard normals.
 * @param acceptable - R probabilities that the representers are acceptable: in each sample the best of those that are is to be improved on. Absent: all are.
 */
export function createExpectedImprovement(
  posteriors: readonly JointGaussian[],
  base: Matrix,
  acceptable?: Float64Array,
): AcquisitionFunction {
  const samples = onDemand(posteriors, (posterior) => jointSamples(posterior, base, acceptable));
  return { gain: (joint, i) => improvements(samples(i), joint) };
}

function improvements(samples: JointSamples, joint: JointGaussian): Float64Array {
  // Without noise: what improves is the function's value, not an observation of it.
  const loadings: CandidateLoadings = candidateLoadings(samples, {
    ...joint,
    noise: new Float64Array(joint.noise.length),
  });
  const { scale, residual, explained } = loadings;
  const representers = samples.mean.length;
  const count = samples.base.columns;
  return joint.mean.map((mean, q) => {
    let sum = 0;
    for (let s = 0; s < count; s++) {
      const given = mean + scale[q] * explained.data[q * count + s];
      sum += Math.exp(logExpectedImprovement(given, scale[q] * residual[q], samples.sortedValues[s * representers]));
    }
    return sum / count;
  });
}
