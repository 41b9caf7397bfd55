import type { JointGaussian } from "@superbatch/linalg";
import { normalCdf } from "@superbatch/random";
import { leastProbability } from "./acceptable.ts";
import { type GainFunction, onDemand } from "./acquisition-function.ts";
import { createEnvelopeBuffer, lowerEnvelope, type SortedLines } from "./lower-envelope.ts";

/**
 * Knowledge gradient: by how much the best posterior mean at the target fidelity is expected to fall through one observation,
 *
 *     min_r m_r − E_ζ[ min_r (m_r + b_r ζ) ],   b = c_q / t,
 *
 * with x ranging over the representers (Frazier, Powell, Dayanik 2009, "The knowledge-gradient policy for correlated normal beliefs"). As the
 * representers' means move along lines in ζ, the expectation is exact: a sum over the breakpoints ζ_k of their lower envelope,
 * Σ |Δb_k| (φ(ζ_k) − |ζ_k| Φ(−|ζ_k|)) (their algorithm 1). No fantasies, no sampling, no inner optimization.
 *
 * @param posteriors - one per hyperparameter sample: the representers as anchors, conditioned on pending trials.
 * @param acceptable - R probabilities: the minimum is over those representers that could be recommended, which keep the outcome constraints more likely than
 * not; over all while fewer than two do, since there is nothing to choose among less. Absent: all could.
 */
export function createKnowledgeGradient(posteriors: readonly JointGaussian[], acceptable?: Float64Array): GainFunction {
  const lines = onDemand(posteriors, (posterior) => sortByMean(posterior, acceptable));
  return { gain: (joint, i) => improvements(lines(i), joint) };
}

function sortByMean({ anchorMean }: JointGaussian, acceptable?: Float64Array): SortedLines {
  const all = Int32Array.from({ length: anchorMean.length }, (_, r) => r);
  const kept = all.filter((r) => !acceptable || acceptable[r] >= leastProbability);
  const order = kept.length > 1 ? kept : all;
  order.sort((a, b) => anchorMean[a] - anchorMean[b] || a - b);
  return { values: Float64Array.from(order, (r) => anchorMean[r]), order, offset: 0, lines: order.length };
}

function improvements(sorted: SortedLines, joint: JointGaussian): Float64Array {
  const candidates = joint.mean.length;
  const slopes = new Float64Array(joint.anchorMean.length);
  const envelope = createEnvelopeBuffer(sorted.lines);
  const result = new Float64Array(candidates);
  for (let q = 0; q < candidates; q++) {
    const variance = joint.variance[q] + joint.noise[q];
    if (!(variance > 0)) continue;
    const scale = 1 / Math.sqrt(variance);
    for (const r of sorted.order) slopes[r] = joint.cross.data[r * candidates + q] * scale;
    // Beyond 38 standard deviations the normal tail is 0 in float64.
    lowerEnvelope(sorted, slopes, Math.min(...slopes), Math.max(...slopes), 38, envelope);
    for (let k = 0; k < envelope.count; k++) {
      const turn = slopes[envelope.left[k]] - slopes[envelope.right[k]];
      result[q] += turn * normalLoss(Math.abs(envelope.place[k]));
    }
  }
  return result;
}

/** E[max(0, ζ − z)] = φ(z) − z Φ(−z) for z ≥ 0. */
function normalLoss(z: number): number {
  return Math.max(0, Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) - z * normalCdf(-z));
}
