import { fitGp, type GpModel, type PriorName } from "@superbatch/gp";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createRng, normalCdf, type Rng } from "@superbatch/random";
import { atLeast, atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { type Surface, surfaces } from "../gp/surfaces.ts";

const heldOut = 200;

/** Where the inference takes fewer steps and samples (libs/gp: inference.ts). */
const manyObservations = 600;

const benchmark: Benchmark = {
  name: "gp-calibration",
  description:
    "Coverage of 95% intervals and the probability integral transform at held-out points of noisy test functions.",
  async run({ quick, log }) {
    const repetitions = quick ? 1 : 4;
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    for (const priors of ["scaled", "robo"] as const) {
      const all: number[] = [];
      let logDensity = 0;
      for (const surface of surfaces) {
        log(`${priors}: ${surface.name}`);
        for (let repetition = 0; repetition < repetitions; repetition++) {
          // Both kinds of study: few observations and little noise, more of both.
          for (const [n, noise] of [
            [20, 0.02],
            [60, 0.2],
          ] as const) {
            const result = transform(surface, n, noise, priors, createRng(`${surface.name} ${n} ${repetition}`));
            all.push(...result.pit);
            logDensity += result.logDensity;
          }
        }
      }
      const sets = all.length / heldOut;
      const coverage = all.filter((value) => value > 0.025 && value < 0.975).length / all.length;
      rows.push([priors, sets, coverage, decileDeviation(all), logDensity / sets]);
      if (priors === "scaled") {
        bars.push(
          atLeast("coverage of 95% intervals", coverage, 0.9),
          atMost("coverage of 95% intervals", coverage, 0.99),
        );
        bars.push(atMost("largest deviation of a decile of the transform from 0.1", decileDeviation(all), 0.05));
      }
    }
    log(`scaled: ${manyObservations} observations`);
    const many = (quick ? surfaces.slice(0, 2) : surfaces).map((surface) =>
      transform(surface, manyObservations, 0.2, "scaled", createRng(`${surface.name} many`)),
    );
    const pit = many.flatMap((each) => each.pit);
    const coverage = pit.filter((value) => value > 0.025 && value < 0.975).length / pit.length;
    const logDensity = many.reduce((sum, each) => sum + each.logDensity, 0) / many.length;
    rows.push([`scaled, n = ${manyObservations}`, many.length, coverage, decileDeviation(pit), logDensity]);
    bars.push(
      atLeast(`n = ${manyObservations}: coverage of 95% intervals`, coverage, 0.9),
      atMost(`n = ${manyObservations}: coverage of 95% intervals`, coverage, 0.99),
      atMost(`n = ${manyObservations}: largest deviation of a decile from 0.1`, decileDeviation(pit), 0.05),
    );
    return {
      columns: ["priors", "data sets", "coverage", "decile deviation", "mean log density (standardized)"],
      rows,
      bars,
      notes: [
        `${heldOut} held-out noisy observations per data set; predictions are mixtures over 10 hyperparameter samples (5 with ${manyObservations} observations).`,
      ],
    };
  },
};

export default benchmark;

/** Fits n noisy observations, and transforms held-out ones by their predictive distribution function. */
function transform(
  surface: Surface,
  n: number,
  noise: number,
  priors: PriorName,
  rng: Rng,
): { pit: number[]; logDensity: number } {
  const reference = values(surface, points(surface, 500, rng));
  const mean = reference.reduce((sum, value) => sum + value, 0) / 500;
  const sd = Math.sqrt(reference.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 500);
  const observe = (x: Matrix) => values(surface, x).map((value) => value + noise * sd * rng.normal());
  const x = points(surface, n, rng);
  const model = fitGp(
    { dimensions: surface.dimensions, x, y: observe(x) },
    { output: "objective", inference: "mcmc", priors },
    rng,
  );
  const test = points(surface, heldOut, rng);
  return mixture(model, test, observe(test), sd);
}

function mixture(model: GpModel, test: Matrix, y: Float64Array, sd: number): { pit: number[]; logDensity: number } {
  const predictions = model.posterior(createMatrix(0, test.columns), test);
  let logDensity = 0;
  const pit = Array.from(y, (value, j) => {
    let distribution = 0;
    let density = 0;
    for (const { mean, variance, noise } of predictions) {
      const scale = Math.sqrt(variance[j]! + noise[j]!);
      const z = (value - mean[j]!) / scale;
      distribution += normalCdf(z) / predictions.length;
      density += (Math.exp(-0.5 * z * z) * sd) / scale / Math.sqrt(2 * Math.PI) / predictions.length;
    }
    logDensity += Math.log(Math.max(density, 1e-300)) / heldOut;
    return distribution;
  });
  return { pit, logDensity };
}

/** The largest difference of a decile's share from 0.1. */
function decileDeviation(pit: readonly number[]): number {
  const counts = new Float64Array(10);
  for (const value of pit) counts[Math.min(9, Math.floor(10 * value))]!++;
  return Math.max(...counts.map((count) => Math.abs(count / pit.length - 0.1)));
}

function points({ dimensions }: Surface, n: number, rng: Rng): Matrix {
  const d = dimensions.length;
  const x = createMatrix(n, d);
  for (let i = 0; i < n; i++) {
    dimensions.forEach((dimension, k) => {
      const condition = dimension.kind === "fidelity" ? undefined : dimension.condition;
      const active = !condition || condition.values.includes(x.data[i * d + condition.parent]!);
      const value = dimension.kind === "categorical" ? rng.integer(dimension.categories) : rng.uniform();
      x.data[i * d + k] = active ? value : Number.NaN;
    });
  }
  return x;
}

function values(surface: Surface, x: Matrix): Float64Array {
  return Float64Array.from({ length: x.rows }, (_, i) =>
    surface.value(x.data.subarray(i * x.columns, (i + 1) * x.columns)),
  );
}
