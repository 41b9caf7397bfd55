import { normalCdf, normalQuantile, type Rng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";

/** A density of one column, estimated from observed coordinates; proper on [0, top], or on the categories. */
export interface ColumnDensity {
  sample(rng: Rng): number;
  logDensity(coordinate: number): number;
}

/**
 * Parzen estimator of one column (Bergstra et al. 2011): a prior over all of the domain, and one kernel for each observed coordinate.
 *
 * @param coordinates - observed, without NaN
 * @param top - largest coordinate of a numeric column, above 0
 */
export function createColumnDensity(dimension: Dimension, coordinates: readonly number[], top: number): ColumnDensity {
  return dimension.kind === "categorical"
    ? categoricalDensity(dimension.categories, coordinates)
    : numericDensity(coordinates, top);
}

/** Counts, plus one observation's worth spread evenly. */
function categoricalDensity(categories: number, coordinates: readonly number[]): ColumnDensity {
  const weights = new Float64Array(categories).fill(1 / categories);
  for (const category of coordinates) weights[category]! += 1;
  const total = coordinates.length + 1;
  return {
    sample(rng) {
      let rest = rng.uniform() * total;
      for (let category = 0; category < categories; category++) {
        rest -= weights[category]!;
        if (rest < 0) return category;
      }
      return categories - 1;
    },
    logDensity: (category) => Math.log(weights[category]! / total),
  };
}

/**
 * Normal kernels truncated to the domain, each as wide as the larger distance to its neighbors, but no narrower than the domain divided by
 * min(100, n + 1); the prior is a kernel at the middle as wide as the domain.
 */
function numericDensity(coordinates: readonly number[], top: number): ColumnDensity {
  const sorted = coordinates.toSorted((a, b) => a - b);
  const narrowest = top / Math.min(100, sorted.length + 1);
  const kernels = sorted.map((center, i) => {
    const left = center - (sorted[i - 1] ?? 0);
    const right = (sorted[i + 1] ?? top) - center;
    return truncatedNormal(center, Math.min(Math.max(left, right, narrowest), top), top);
  });
  kernels.push(truncatedNormal(top / 2, top, top));
  return {
    sample: (rng) => kernels[rng.integer(kernels.length)]!.sample(rng),
    logDensity(coordinate) {
      let density = 0;
      for (const kernel of kernels) density += kernel.density(coordinate) / kernels.length;
      return Math.log(density);
    },
  };
}

function truncatedNormal(center: number, width: number, top: number) {
  const low = normalCdf(-center / width);
  const mass = normalCdf((top - center) / width) - low;
  return {
    sample: (rng: Rng) => Math.min(Math.max(center + width * normalQuantile(low + rng.uniform() * mass), 0), top),
    density: (coordinate: number) =>
      Math.exp(-(((coordinate - center) / width) ** 2) / 2) / (width * mass * Math.sqrt(2 * Math.PI)),
  };
}
