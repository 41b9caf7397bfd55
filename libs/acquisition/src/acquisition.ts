import type { JointGaussian } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import type { AcquisitionFunction } from "./acquisition-function.ts";
import { normalBaseSamples } from "./base-samples.ts";
import type { CandidateSpace } from "./candidate-space.ts";
import { createEntropySearch } from "./entropy-search.ts";
import { createExpectedImprovement } from "./expected-improvement.ts";
import { incumbentPoints } from "./incumbents.ts";
import { createKnowledgeGradient } from "./knowledge-gradient.ts";
import { createMaxValueEntropy } from "./max-value-entropy.ts";
import type { Representers } from "./representers.ts";

export type AcquisitionName = "entropy-search" | "max-value-entropy" | "knowledge-gradient" | "expected-improvement";

/** An acquisition at one moment of a study: which posterior it needs, and what it makes of that. */
export interface Acquisition {
  /** Points whose joint posterior with each candidate it needs. */
  readonly anchors: readonly Float64Array[];
  /** Points on whose results that posterior is conditioned before they are there (see `conditionOnPending`). */
  readonly awaited: readonly Float64Array[];
  /** Whether repeating a trial can be worth anything: not where only the noise-free value at the candidate itself counts. */
  readonly valuesRepetition: boolean;
  /** @param posteriors - one per hyperparameter sample, of the anchors, conditioned on `awaited`. */
  create(posteriors: readonly JointGaussian[]): AcquisitionFunction;
}

export interface AcquisitionRequest {
  readonly space: CandidateSpace;
  readonly representers: Representers;
  readonly pending: readonly Float64Array[];
  /** S, see `AcquisitionOptions`. */
  readonly samples: number;
  /** Only forked. */
  readonly rng: Rng;
}

export function createAcquisition(name: AcquisitionName, request: AcquisitionRequest): Acquisition {
  const { space, representers, pending, samples, rng } = request;
  const base = (anchors: readonly Float64Array[]) => normalBaseSamples(anchors.length, samples, rng);
  // What an observation tells about the minimizer among the representers.
  const information = { anchors: representers.points, awaited: pending, valuesRepetition: true };
  switch (name) {
    case "entropy-search":
      return {
        ...information,
        create: (posteriors) =>
          createEntropySearch(posteriors, base(representers.points), { acceptable: representers.acceptable }),
      };
    case "max-value-entropy":
      return {
        ...information,
        create: (posteriors) => createMaxValueEntropy(posteriors, base(representers.points), representers.acceptable),
      };
    case "knowledge-gradient":
      return {
        ...information,
        create: (posteriors) => createKnowledgeGradient(posteriors, representers.acceptable),
      };
    case "expected-improvement": {
      const anchors = incumbentPoints(space, representers.evaluated, representers.pendingReferences);
      return {
        anchors,
        awaited: [],
        valuesRepetition: false,
        create: (posteriors) => createExpectedImprovement(posteriors, base(anchors)),
      };
    }
  }
}
