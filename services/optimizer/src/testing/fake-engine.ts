import { createRng } from "@superbatch/random";
import { samplePoint } from "@superbatch/search-space";
import type {
  ConvergenceEvidence,
  ConvergenceRequest,
  SuggestionEngine,
  SuggestRequest,
} from "../domain/suggest/engine.ts";

/** An engine that draws points from the seed and their place in the sequence, and remembers what it was asked. */
export interface FakeEngine extends SuggestionEngine {
  readonly requests: SuggestRequest[];
  readonly convergenceRequests: ConvergenceRequest[];
  /** What is said of convergence. @default far from it */
  evidence: ConvergenceEvidence;
  /** Probability that a recommendation keeps the outcome constraints. @default it has nothing to say of any */
  feasibility: number | undefined;
  /** Awaited before an answer. */
  delay: (signal: AbortSignal) => Promise<void>;
}

export function createFakeEngine(): FakeEngine {
  const engine: FakeEngine = {
    requests: [],
    convergenceRequests: [],
    evidence: { expectedLoss: 1, improvement: 1 },
    feasibility: undefined,
    delay: async () => {},

    async suggest(request, signal) {
      engine.requests.push(request);
      await engine.delay(signal);
      signal.throwIfAborted();
      return Array.from({ length: request.count }, (_, i) => {
        const known = JSON.stringify(request.observations.slice(-3));
        const rng = createRng(`${request.seed}/${request.sequence + i}/${request.observations.length}/${known}`);
        return { point: samplePoint(request.space, rng), origin: "random", replicate: false } as const;
      });
    },

    async recommend({ observations }) {
      const { feasibility } = engine;
      if (observations.length === 0) return undefined;
      const best = Math.min(...observations.map(({ value }) => value));
      const observation = observations.findIndex(({ value }) => value === best);
      return {
        point: observations[observation]!.point,
        mean: best,
        observation,
        basis: "observed",
        ...(feasibility !== undefined && { feasibility }),
      };
    },

    async convergence(request) {
      engine.convergenceRequests.push(request);
      return engine.evidence;
    },

    async query({ points }) {
      return points.map((_, i) => ({ mean: i + 1, standardDeviation: 1, expectedCost: 2 }));
    },
  };
  return engine;
}
