import type { JointGaussian, Matrix } from "@superbatch/linalg";
import { type GainFunction, onDemand } from "./acquisition-function.ts";
import { candidateLoadings, type JointSamples, jointSamples } from "./joint-samples.ts";

/** Samples per group of similar minimum values. */
const groupSize = 16;

/**
 * Max-value entropy search, for minimization: the information that an observation y of the candidate gives about the minimum
 * f* = min_r f(r) at the target fidelity (Wang and Jegelka 2017; for several fidelities Takeno et al. 2020).
 *
 *     I(y; f*) ≈ −½ E_{f*}[ log( Var(y | f*) / Var(y) ) ]
 *
 * Where those papers truncate the target's marginal at the candidate's own x, we take Var(y | f*) from joint samples of all representers: sorted
 * by their minimum and cut into groups of 16, a group's variance of y is ρ² t² plus the (unbiased) variance of its a_s t. So a cheap
 * fidelity needs no covariance with its own target, and correlation over x counts; what is lost is the non-Gaussian shape of y given f*.
 *
 * @param posteriors - one per hyperparameter sample: the representers as anchors, conditioned on pending trials.
 * @param base - at least R × S standard normals, S a multiple of 16.
 * @param acceptable - R probabilities: f* is the lowest of the representers that are acceptable in a sample. Absent: all are.
 */
export function createMaxValueEntropy(
  posteriors: readonly JointGaussian[],
  base: Matrix,
  acceptable?: Float64Array,
): GainFunction {
  const prepared = onDemand(posteriors, (posterior) => {
    const samples = jointSamples(posterior, base, acceptable);
    return { samples, ranks: ranksByMinimum(samples) };
  });
  return {
    gain(joint, i) {
      const { samples, ranks } = prepared(i);
      return information(samples, ranks, joint);
    },
  };
}

/** Indices of the samples, ascending by their minimum. */
function ranksByMinimum({ sortedValues, mean, base }: JointSamples): Int32Array {
  const minimum = (s: number) => sortedValues[s * mean.length];
  return Int32Array.from({ length: base.columns }, (_, s) => s).sort((a, b) => minimum(a) - minimum(b) || a - b);
}

function information(samples: JointSamples, ranks: Int32Array, joint: JointGaussian): Float64Array {
  const { scale, residual, explained } = candidateLoadings(samples, joint);
  const count = ranks.length;
  return joint.mean.map((_, q) => {
    if (!(scale[q] > 0)) return 0;
    let sum = 0;
    let groups = 0;
    for (let start = 0; start + groupSize <= count; start += groupSize) {
      let mean = 0;
      for (let k = start; k < start + groupSize; k++) mean += explained.data[q * count + ranks[k]] / groupSize;
      let variance = 0;
      for (let k = start; k < start + groupSize; k++) {
        variance += (explained.data[q * count + ranks[k]] - mean) ** 2 / (groupSize - 1);
      }
      sum -= Math.log(Math.max(residual[q] ** 2 + variance, 1e-12)) / 2;
      groups++;
    }
    return Math.max(0, sum / groups);
  });
}
