import { createRng } from "@superbatch/random";
import { createSobolSampler, type Point, type SearchSpace } from "@superbatch/search-space";
import { type PythonPeer, startPython } from "../python.ts";
import { createOneHot } from "./one-hot.ts";
import type { Observation, Search } from "./search.ts";

export interface BotorchSettings {
  readonly acquisition: "max-value-entropy" | "knowledge-gradient";
  /** Of the knowledge gradient. */
  readonly fantasies?: number;
  /** Starts of the acquisition's maximization by L-BFGS-B. */
  readonly restarts: number;
  /** Points among which the starts are chosen. */
  readonly rawSamples: number;
  /** Iterations of the maximization, at most. */
  readonly iterations: number;
  /**
   * At which the fidelity kernel's (1 + s s')^power is held. BoTorch would fit it, but at powers that are no integers the kernel is not positive semidefinite:
   * fits of a few tens of noise-free observations then fail, one after another.
   */
  readonly power: number;
  /** Fidelities at which each point of the initial design is evaluated. */
  readonly levels: readonly number[];
  /** Cost at the lowest fidelity, of that at the target; in between it is affine. @default 0.1 */
  readonly fixedCost?: number;
}

/**
 * BoTorch's multi-fidelity acquisitions over its SingleTaskMultiFidelityGP, with the true cost model told rather than learned. It begins with the trials of our
 * entropy search's initial design and recommends by the same rule. Categories are one-hot columns, relaxed while maximizing, then rounded.
 *
 * @param seed - of the initial design
 * @param number - seed of what BoTorch draws
 */
export function createBotorchSearch(
  space: SearchSpace,
  settings: BotorchSettings,
  seed: string,
  number: number,
): Search {
  const columns = createOneHot(space);
  const design = initialDesign(space, settings.levels, seed);
  let peer: PythonPeer | undefined;
  function ask<Answer>(question: "suggest" | "recommend", observations: readonly Observation[]): Promise<Answer> {
    peer ??= startPython("regret/botorch-peer.py");
    return peer.request({
      question,
      ...settings,
      seed: number,
      x: observations.map(({ point }) => columns.widen(point)),
      y: observations.map(({ value }) => value),
    });
  }
  return {
    suggest: async (observations) =>
      design[observations.length] ?? columns.narrow(await ask<number[]>("suggest", observations)),
    recommend: async (observations) => observations[await ask<number>("recommend", observations)]!.point,
    close: () => peer?.close(),
  };
}

/** The optimizer's own: half the hyperparameters + 2 Sobol points, between 3 and 8, each at several fidelities. */
function initialDesign(space: SearchSpace, levels: readonly number[], seed: string): Point[] {
  const sampler = createSobolSampler(space, createRng(seed).fork("design"));
  const count = Math.min(8, Math.max(3, Math.ceil((space.parameters.length - 1) / 2) + 2));
  return Array.from({ length: count }, () => sampler.next()).flatMap((point) => levels.map((s) => ({ ...point, s })));
}
