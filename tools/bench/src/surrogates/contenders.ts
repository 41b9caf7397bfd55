import type { optimizer } from "@superbatch/contracts";
import { algorithmToProto } from "@superbatch/optimizer/algorithm";

/** A surrogate in the table. */
export interface Contender {
  /** Under which the optimizer knows it; empty: its own. `random` is no surrogate but random search, by the same services. */
  readonly name: string;
  readonly title: string;
}

export const contenders: readonly Contender[] = [
  { name: "exact-gp", title: "exact GP (ours)" },
  { name: "random-forest", title: "random forest" },
  { name: "neural-linear", title: "Bayesian linear on neural features" },
  { name: "botorch", title: "BoTorch's multi-fidelity GP" },
  { name: "random", title: "none: random search" },
];

/** Of the hyperparameters, or networks, in each model: fewer than by default, so that the table costs minutes. */
export const samples = 5;

/**
 * Entropy search per cost, with a surrogate and nothing in its place if it fails but the Sobol sequence, which would show.
 *
 * @param multiFidelity - whether it chooses the fidelity too, in place of holding it at the target
 */
export function algorithmWith(name: string, multiFidelity: boolean): optimizer.Algorithm {
  const held = multiFidelity ? {} : { fidelities: {} };
  if (name === "random") return algorithmToProto({ kind: "random", ...held });
  const surrogate = { surrogate: name, fallbackSurrogate: name, surrogateSeconds: 300 };
  return algorithmToProto({ kind: "entropy-search", hyperparameterSamples: samples, ...surrogate, ...held });
}
