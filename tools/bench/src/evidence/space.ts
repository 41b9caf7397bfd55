import type { FidelityEffect, Parameter, SearchSpace } from "@superbatch/search-space";
import type { RecordedProblem } from "../recorded/problem.ts";
import type { FidelityName } from "./methods.ts";

/** Rungs of successive halving by epochs: the whole run, a third of it, … as far as its curve was recorded there. */
const rungFactor = 3;

/**
 * What a study searches, all of it recorded: hyperparameters, and one fidelity at most.
 *
 * @param effect - what the super-batch is believed to do; epochs and the share of the data may do much.
 */
export function studySpace(
  problem: RecordedProblem,
  fidelity?: FidelityName,
  effect: FidelityEffect = "small",
): SearchSpace {
  const tuned = problem.hyperparameters.map(({ name, min, max }): Parameter => {
    return { name, domain: { kind: "float", min, max, scale: "log" } };
  });
  return { parameters: fidelity ? [...tuned, fidelityParameter(problem, fidelity, effect)] : tuned, constraints: [] };
}

function fidelityParameter(problem: RecordedProblem, name: FidelityName, ofSuperBatch: FidelityEffect): Parameter {
  const values = fidelityLevels(problem, name);
  const target = values.at(-1)!;
  const effect = name === "super_batch" ? ofSuperBatch : "open";
  return { name, domain: { kind: "discrete", values, scale: "log" }, fidelity: { target, basis: "fabolas", effect } };
}

/** Values of a fidelity, ascending, the target last: B in examples, shares, epochs. */
export function fidelityLevels(
  { levels, shares, batchSize, epochs, evaluationEpochs }: RecordedProblem,
  name: FidelityName,
): number[] {
  switch (name) {
    case "super_batch":
      return [1, ...levels].map((level) => level * batchSize);
    case "data_share":
      return [...shares, 1];
    case "epochs": {
      const rungs = [epochs];
      while (rungs[0]! % (rungFactor * evaluationEpochs) === 0) rungs.unshift(rungs[0]! / rungFactor);
      return rungs;
    }
  }
}
