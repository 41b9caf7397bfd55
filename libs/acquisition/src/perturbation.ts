import type { Rng } from "@superbatch/random";
import type { CandidateSpace } from "./candidate-space.ts";

/**
 * A random neighbor: with equal chances one column moves, or two, or all. Numbers make a Gaussian step of standard deviation `scale` (with
 * levels at least one level), categories change to another one, fidelities step at least 0.1 wide. What becomes active is drawn uniformly.
 *
 * @param scale - in encoded units, (0, 1].
 * @returns undefined where a constraint leaves nothing valid nearby.
 */
export function perturb(space: CandidateSpace, point: Float64Array, scale: number, rng: Rng): Float64Array | undefined {
  const { dimensions } = space;
  const moved = Float64Array.from(point);
  const extent = rng.integer(3);
  const chosen = new Set([rng.integer(dimensions.length)]);
  if (extent === 1) chosen.add(rng.integer(dimensions.length));
  for (let d = 0; d < dimensions.length; d++) {
    const dimension = dimensions[d];
    if (Number.isNaN(moved[d])) {
      moved[d] = dimension.kind === "categorical" ? rng.integer(dimension.categories) : rng.uniform();
      continue;
    }
    if (extent < 2 && !chosen.has(d)) continue;
    if (dimension.kind === "categorical") {
      // Where all columns move, categories mostly stay: else every such neighbor would be a stranger.
      const change = extent < 2 || rng.uniform() < 1 / dimensions.length;
      if (change && dimension.categories > 1) {
        moved[d] = (moved[d] + 1 + rng.integer(dimension.categories - 1)) % dimension.categories;
      }
      continue;
    }
    const step = rng.normal() * (dimension.kind === "fidelity" ? Math.max(scale, 0.1) : scale);
    const level = dimension.levels === undefined ? 0 : 1 / Math.max(dimension.levels - 1, 1);
    moved[d] = clamp(moved[d] + Math.sign(step) * Math.max(Math.abs(step), extent < 2 ? level : 0));
  }
  return space.repair(moved);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
