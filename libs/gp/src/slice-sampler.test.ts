import { createRng, type Rng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import type { Gaussian } from "./laplace.ts";
import { type ChainState, ellipticalStep, type LogDensity, lineStep } from "./slice-sampler.ts";

/** A correlated guide that is neither centered on the targets nor of their width. */
const guide: Gaussian = {
  mean: Float64Array.of(0.5, -0.3),
  root: Float64Array.of(1.2, 0, 0.4, 0.7),
  inverseRoot: Float64Array.of(1 / 1.2, 0, -0.4 / (1.2 * 0.7), 1 / 0.7),
};

/** Independent gamma(3) and N(1, 0.5²), the former given by its logarithm. */
const skewed: LogDensity = ([u, v]) => 3 * u! - Math.exp(u!) - 0.5 * ((v! - 1) / 0.5) ** 2;

/** Two modes, at −1.5 and 1.5 in the first coordinate, with weights 1 : 3. */
const bimodal: LogDensity = ([u, v]) =>
  Math.log(0.25 * Math.exp(-2 * (u! + 1.5) ** 2) + 0.75 * Math.exp(-2 * (u! - 1.5) ** 2)) - 0.5 * v! * v!;

type Step = (f: LogDensity, state: ChainState, rng: Rng) => ChainState;

function run(f: LogDensity, step: Step, count: number, seed: number): Float64Array[] {
  const rng = createRng(seed);
  const start = Float64Array.of(0, 0);
  let state: ChainState = { theta: start, logDensity: f(start) };
  return Array.from({ length: count }, () => {
    state = step(f, state, rng);
    return state.theta;
  });
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each([
  ["ellipticalStep", (f, state, rng) => ellipticalStep(f, state, guide, rng)],
  ["lineStep", (f, state, rng) => lineStep(f, state, guide, [1, 1], rng)],
] satisfies [string, Step][])("%s", (_, step) => {
  it("samples a skewed density exactly, whatever the guide", () => {
    const states = run(skewed, step, 30_000, 1);
    const gamma = states.map(([u]) => Math.exp(u!));
    expect(average(gamma)).toBeCloseTo(3, 0.8);
    expect(average(gamma.map((value) => (value - 3) ** 2))).toBeCloseTo(3, 0.5);
    expect(Math.abs(average(states.map(([, v]) => v!)) - 1)).toBeLessThan(0.03);
    expect(Math.abs(average(states.map(([, v]) => (v! - 1) ** 2)) - 0.25)).toBeLessThan(0.02);
  });

  it("visits both modes in their proportion", () => {
    const states = run(bimodal, step, 40_000, 2);
    expect(Math.abs(average(states.map(([u]) => Number(u! > 0))) - 0.75)).toBeLessThan(0.03);
  });

  it("keeps a state whose neighborhood has no density", () => {
    const spike: LogDensity = ([u]) => (u === 0 ? 0 : Number.NEGATIVE_INFINITY);
    const start: ChainState = { theta: Float64Array.of(0, 0), logDensity: 0 };
    expect(step(spike, start, createRng(3)).theta[0]).toBe(0);
  });
});
