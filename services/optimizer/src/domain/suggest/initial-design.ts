import { compareFidelities } from "@superbatch/acquisition";
import { createSobolSampler, decode, type Point } from "@superbatch/search-space";
import { type FidelityAxis, fidelitiesOf } from "./fidelities.ts";
import type { StudyData } from "./study-data.ts";

export interface InitialDesign {
  /** Number of trials. */
  readonly size: number;
  /** Trial `index` of the design, from 0 to size − 1; beyond, of a larger one. */
  point(index: number): Point;
}

export interface InitialDesignOptions {
  /** Distinct hyperparameter points. @default half the hyperparameters + 2, between 3 and 8 */
  readonly points?: number | undefined;
  /** How many of the points are evaluated at all levels, the others at the lowest alone. @default all; one where all fidelities are believed to have a small effect */
  readonly paired?: number | undefined;
  /** Values of a fidelity at which each point is evaluated, ascending, in plain units. @default {@link lowToMiddle} of 2 */
  readonly levels?: ((fidelity: FidelityAxis) => readonly number[]) | undefined;
  /** Fidelities that are held; each point is then evaluated once. */
  readonly held?: Readonly<Record<string, number>> | undefined;
}

/** Results of an earlier study that stand for an initial design. */
const fewestResults = 5;

/**
 * The first trials of a study: quasi-random hyperparameters, each at several fidelities, since how the objective depends on a fidelity is
 * learned from pairs (algorithms: section 3, item 7, after Klein et al. 2017). Point by point, cheap fidelities first; if only some are paired, first all
 * points at their cheapest fidelities.
 *
 * With several fidelities each point has them at the same rank but for a shift from point to point: were they always low together, the
 * influence of one could not be told from that of another.
 */
export function createInitialDesign(data: StudyData, options: InitialDesignOptions = {}): InitialDesign {
  const { space, rng } = data;
  const { levels = lowToMiddle(2), held } = options;
  const fidelities = held ? [] : fidelitiesOf(space);
  const tuned = data.candidates.dimensions.length - data.candidates.fidelityColumns.length;
  const points = options.points ?? Math.min(8, Math.max(3, Math.ceil(tuned / 2) + 2));
  const levelsOf = fidelities.map((fidelity) => levels(fidelity));
  const each = Math.max(1, ...levelsOf.map((values) => values.length));
  const start = bestOfPriors(data);
  if (start)
    return {
      size: each,
      point(index) {
        const values = fidelities.map(({ name }, f) => [name, levelsOf[f]![index % levelsOf[f]!.length]!] as const);
        return { ...start, ...Object.fromEntries(values), ...held };
      },
    };
  const usual = fidelities.every(({ effect }) => effect === "small") ? 1 : points;
  const paired = Math.min(options.paired ?? usual, points);
  const size = points + paired * (each - 1);
  /** Number of a trial's point, and rank of its levels. */
  function place(index: number): readonly [number, number] {
    if (paired === points || index >= size) {
      const beyond = index + points * each - size;
      return [Math.floor(beyond / each), beyond % each];
    }
    if (index < points) return [index, 0];
    return [Math.floor((index - points) / (each - 1)), 1 + ((index - points) % (each - 1))];
  }
  return {
    size,
    point(index) {
      const [number, rank] = place(index);
      const sampler = createSobolSampler(space, rng.fork("design"));
      sampler.skip(number);
      const values = fidelities.map(({ name }, f) => {
        const own = levelsOf[f]!;
        const shift = number < paired || index >= size ? f * number : 0;
        return [name, own[(rank + shift) % own.length]!] as const;
      });
      return { ...sampler.next(), ...Object.fromEntries(values), ...held };
    },
  };
}

/**
 * Where a study with earlier ones starts: at the best result of the earlier one with the most, of those at its highest fidelity. The model knows the rest
 * of the space from them already, so that this one point is the whole design.
 */
function bestOfPriors({ space, candidates, priors }: StudyData): Point | undefined {
  const most = priors.toSorted((a, b) => b.x.length - a.x.length)[0];
  if (!most || most.x.length < fewestResults) return undefined;
  let best = 0;
  for (let i = 1; i < most.x.length; i++) {
    const higher = compareFidelities(candidates, most.x[i]!, most.x[best]!);
    if (higher > 0 || (higher === 0 && most.y[i]! < most.y[best]!)) best = i;
  }
  return decode(space, most.x[best]!);
}

/**
 * `count` values of a fidelity, evenly spaced on its scale from the smallest to two thirds of what may be evaluated; fewer if they
 * fall together. A single one is a third up.
 */
export function lowToMiddle(count: number): (fidelity: FidelityAxis) => number[] {
  return ({ axis }) => {
    const shares = count === 1 ? [1 / 3] : Array.from({ length: count }, (_, i) => ((2 / 3) * i) / (count - 1));
    return [...new Set(shares.map((share) => axis.decode(share * axis.top)))];
  };
}

/** 1/256, 1/128 and 1/64 of the target, as in the code of Klein et al. (2017), as far as the domain has them. */
export function fabolasLevels({ axis, target }: FidelityAxis): number[] {
  const shares = [1 / 256, 1 / 128, 1 / 64];
  const values = shares.map((share) => Math.min(Math.max(share * target, axis.min), axis.max));
  return [...new Set(values.map((value) => axis.decode(axis.encode(value))))];
}
