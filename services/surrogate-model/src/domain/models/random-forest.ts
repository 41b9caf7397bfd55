import { fitForest } from "@superbatch/random-forest";
import { interval95, logNormalDensity } from "../prediction.ts";
import type { LeaveOneOutSummary } from "../task.ts";
import type { FitModel } from "./fitted-model.ts";

/** Random forests. Fitted anew each time: that takes less than inferring a Gaussian process' hyperparameters. */
export const fitRandomForest: FitModel = ({ data }, rng, checkpoint) => {
  const forest = fitForest(data, { checkpoint }, rng);
  return {
    summary: {
      samples: 1,
      jitter: 0,
      hyperparameters: { trees: forest.trees },
      approximation: "",
      // Numbers of a node, and its split.
      bytes: forest.nodes * 120,
    },
    leaveOneOut: () => leaveOneOut(forest.outOfBag(), data.y),
    posterior: (anchors, points, check) => [forest.posterior(anchors, points, check)],
  };
};

/** By the trees that have not seen each observation; those that all have seen are left out. */
function leaveOneOut(
  { mean, variance }: { mean: Float64Array; variance: Float64Array },
  y: Float64Array,
): LeaveOneOutSummary | undefined {
  let [count, density, inside] = [0, 0, 0];
  y.forEach((value, i) => {
    if (!Number.isFinite(mean[i]) || !(variance[i]! > 0)) return;
    count++;
    density += logNormalDensity(value, mean[i]!, variance[i]!);
    if (Math.abs(value - mean[i]!) <= interval95 * Math.sqrt(variance[i]!)) inside++;
  });
  return count < 3 ? undefined : { logDensity: density / count, coverage: inside / count };
}
