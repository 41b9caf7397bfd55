import { createRng, type Rng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import type { AcquisitionName } from "./acquisition.ts";
import { normalBaseSamples } from "./base-samples.ts";
import type { CandidateSpace } from "./candidate-space.ts";
import { entropyReductions } from "./entropy-search.ts";
import { jointSamples } from "./joint-samples.ts";
import { conditionOnPending } from "./pending.ts";
import { pointMatrix } from "./points.ts";
import { gaussHermite } from "./quadrature.ts";
import { chooseRepresenters } from "./representers.ts";
import type { ScoredPoint } from "./scorer.ts";
import { suggest } from "./suggest.ts";
import { boxSpace } from "./testing/box-space.ts";
import { type ExactGp, exactSurrogate } from "./testing/exact-gp.ts";

const acquisitions: readonly AcquisitionName[] = [
  "entropy-search",
  "max-value-entropy",
  "knowledge-gradient",
  "expected-improvement",
];
const options = { representers: 10, pool: 24, candidates: 24, samples: 16, rounds: 1 };

/** 1 to 40 results, some at the same place, some or all of the same value, of any scale, with or without noise. */
function degenerateStudy(seed: number) {
  const rng = createRng(`degenerate ${seed}`);
  const space = randomSpace(rng);
  const point = () => space.repair(Float64Array.from(space.dimensions, (d) => cell(d, rng)))!;
  const evaluated: Float64Array[] = [];
  const count = 1 + rng.integer(40);
  const duplicates = pick(rng, [0, 0.3, 0.9]);
  while (evaluated.length < count) {
    const repeat = evaluated.length > 0 && rng.uniform() < duplicates;
    evaluated.push(repeat ? evaluated[rng.integer(evaluated.length)] : point());
  }
  const scale = 10 ** pick(rng, [-12, -6, 0, 6, 12]);
  const offset = pick(rng, [0, 1, 1e3]) * scale;
  const varied = pick(rng, [0, 1, 1]);
  const x = pointMatrix(evaluated, space.dimensions.length);
  const model = (unit: number, shift: number): ExactGp => ({
    x,
    y: Float64Array.from(evaluated, (p) => shift + unit * varied * p.reduce((sum, v) => sum + (v - 0.3) ** 2, 0)),
    lengthScale: pick(rng, [0.01, 0.5, 1e3]),
    variance: unit ** 2 * pick(rng, [1e-6, 1, 100]),
    noise: unit ** 2 * pick(rng, [0, 1e-12, 1e-4, 1]),
    mean: shift,
    ...(space.fidelityColumns.length > 0 && {
      fidelity: { column: space.fidelityColumns[0], bias: pick(rng, [0, 0.5]) },
    }),
  });
  const pending = pick<() => Float64Array[]>(rng, [() => [], () => [point(), evaluated[0]]])();
  const surrogate = exactSurrogate({
    objective: [model(scale, offset), model(scale, offset)],
    "log-cost": [model(pick(rng, [1e-3, 1, 5]), pick(rng, [-20, 0, 20]))],
  });
  return { surrogate, space, evaluated, pending };
}

function randomSpace(rng: Rng): CandidateSpace {
  const kinds: readonly Dimension[] = [
    { name: "x", kind: "numeric" },
    { name: "levels", kind: "numeric", levels: 3 },
    { name: "category", kind: "categorical", categories: 3 },
    { name: "s", kind: "fidelity", basis: "fabolas" },
  ];
  const chosen = kinds.filter(() => rng.uniform() < 0.5);
  return boxSpace(chosen.some(({ kind }) => kind !== "fidelity") ? chosen : [kinds[0], ...chosen]);
}

function cell(dimension: Dimension, rng: Rng): number {
  return dimension.kind === "categorical" ? rng.integer(dimension.categories) : rng.uniform();
}

function pick<T>(rng: Rng, values: readonly T[]): T {
  return values[rng.integer(values.length)];
}

const seeds = Array.from({ length: 64 }, (_, seed) => seed);

describe("degenerate data", () => {
  it.each(acquisitions)("gives %s a valid suggestion with numbers that are numbers", async (acquisition) => {
    for (const seed of seeds) {
      const study = degenerateStudy(seed);
      const found = await suggest({ ...study, rng: createRng(seed), options: { ...options, acquisition } });
      const shown = { seed, point: Array.from(found.point), ...numbers(found) };
      expect(study.space.repair(found.point), JSON.stringify(shown)).toEqual(found.point);
      for (const each of [found, ...found.alternatives]) {
        const { value, logValue, gain, entropyReduction, expectedCost } = numbers(each);
        for (const number of [value, gain, entropyReduction]) {
          expect(number, JSON.stringify(shown)).toBeGreaterThanOrEqual(0);
          expect(number, JSON.stringify(shown)).toBeLessThan(Number.POSITIVE_INFINITY);
        }
        expect(logValue, JSON.stringify(shown)).toBeLessThan(Number.POSITIVE_INFINITY);
        expect(expectedCost, JSON.stringify(shown)).toBeGreaterThan(0);
      }
      expect(found.entropy).toBeGreaterThanOrEqual(0);
    }
  });

  it("has no information below 0 beyond round-off, before it is clamped", async () => {
    const all: number[] = [];
    for (const seed of seeds) {
      const { surrogate, space, evaluated, pending } = degenerateStudy(seed);
      const shared = { surrogate, space, evaluated, pending, constraints: [], options };
      const { points } = await chooseRepresenters({ ...shared, rng: createRng(seed) });
      const rng = createRng(`candidates ${seed}`);
      const candidates = Array.from({ length: 40 }, () => Float64Array.from(space.dimensions, (d) => cell(d, rng)));
      const columns = space.dimensions.length;
      const anchors = pointMatrix([...points, ...pending], columns);
      const joint = await surrogate("objective", anchors, pointMatrix([...candidates, ...evaluated], columns));
      const base = normalBaseSamples(points.length, options.samples, rng);
      for (const each of joint) {
        const posterior = conditionOnPending(each, pending.length);
        all.push(...entropyReductions(jointSamples(posterior, base), posterior, gaussHermite(8), 1));
      }
    }
    // Logarithms are from a table, good to 1e-8.
    expect(Math.min(...all)).toBeGreaterThan(-1e-8);
    expect(Math.max(...all)).toBeGreaterThan(0.1);
    expect(Math.max(...all)).toBeLessThanOrEqual(Math.log(options.representers));
  });
});

function numbers({ value, logValue, gain, entropyReduction, expectedCost }: ScoredPoint) {
  return { value, logValue, gain, entropyReduction, expectedCost };
}
