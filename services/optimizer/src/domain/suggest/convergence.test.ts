import { createMatrix } from "@superbatch/linalg";
import { createRng, normalCdf } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { createSuggestionEngine } from "./create-engine.ts";
import type { ConvergenceRequest, Observation } from "./engine.ts";
import type { Surrogate } from "./surrogate.ts";
import { createLocalSurrogate } from "./testing/local-surrogate.ts";
import { observe, space } from "./testing/problem.ts";

const { signal } = new AbortController();

/** Points of the bowl at the target: 20 all over the square but for the neighborhood of its minimum, then some in there. */
function observations(around: number): Observation[] {
  const rng = createRng("convergence");
  const spread = Array.from({ length: 60 }, () => [rng.uniform(), rng.uniform()] as const)
    .filter(([x, y]) => Math.hypot(x - 0.3, y - 0.7) > 0.2)
    .slice(0, 20);
  const close = Array.from(
    { length: around },
    () => [0.3 + 0.06 * (rng.uniform() - 0.5), 0.7 + 0.06 * (rng.uniform() - 0.5)] as const,
  );
  return [...spread, ...close].map(([x, y]) => observe({ x, y, super_batch: 50_000 }));
}

function ask(
  request: Pick<ConvergenceRequest, "observations" | "recent"> & Partial<ConvergenceRequest>,
  surrogate: Surrogate = createLocalSurrogate(),
) {
  const engine = createSuggestionEngine({ surrogate });
  return engine.convergence({ space, algorithm: { kind: "entropy-search" }, seed: "1", ...request }, signal);
}

describe("evidence of convergence", () => {
  it("expects less to be gained once the minimum has been searched", async () => {
    const early = await ask({ observations: observations(0), recent: [18, 19] });
    const late = await ask({ observations: observations(25), recent: [43, 44] });
    // What the recommendation really loses lies below a fiftieth of the values' range; the model must have come to think so.
    expect(early.expectedLoss).toBeGreaterThan(2 * late.expectedLoss);
    expect(late.expectedLoss).toBeGreaterThan(0);
    expect(late.expectedLoss).toBeLessThan(0.02);
  });

  it("measures what the recent observations have brought, by the model's own means", async () => {
    const all = observations(1);
    const best = all.length - 1;
    const { improvement } = await ask({ observations: all, recent: [best] });
    const { improvement: none } = await ask({ observations: all, recent: [0] });
    const values = all.map(({ value }) => value);
    const gained = Math.min(...values.slice(0, best)) - values[best]!;
    expect(gained).toBeGreaterThan(0.02);
    expect(Math.abs(improvement - gained)).toBeLessThan(0.3 * gained);
    expect(none).toBe(0);
    expect((await ask({ observations: all, recent: all.map((_, i) => i) })).improvement).toBe(Number.POSITIVE_INFINITY);
  });

  it("is relative to the recommendation's value where the model sees logarithms: the same in any unit", async () => {
    const lifted = observations(10).map(({ value, ...rest }) => ({ ...rest, value: value + 0.1 }));
    const request = { recent: [28, 29], transform: "log" } as const;
    const one = await ask({ ...request, observations: lifted });
    const other = await ask({
      ...request,
      observations: lifted.map(({ value, ...rest }) => ({ ...rest, value: 1000 * value })),
    });
    expect(one.expectedLoss).toBeGreaterThan(0);
    expect(one.expectedLoss).toBeLessThan(1);
    // Round-off makes the fit another one; the unit is a factor of a thousand.
    expect(Math.abs(Math.log(other.expectedLoss / one.expectedLoss))).toBeLessThan(Math.log(2));
    expect(Math.abs(other.improvement - one.improvement)).toBeLessThan(0.01);
  });

  it("is the mean of what joint draws lose against their best: of R independent values sd times the expected maximum of R", async () => {
    const sd = 0.2;
    let points = 0;
    const independent: Surrogate = {
      fit:
        async () =>
        async (output, anchors, { rows }) => {
          if (output === "objective" && rows === 0) points = anchors.rows;
          const covariance = createMatrix(anchors.rows, anchors.rows);
          for (let i = 0; i < anchors.rows; i++) covariance.data[i * (anchors.rows + 1)] = sd ** 2;
          return [
            {
              anchorMean: new Float64Array(anchors.rows),
              anchorCovariance: covariance,
              anchorNoise: new Float64Array(anchors.rows).fill(0.01),
              mean: new Float64Array(rows),
              variance: new Float64Array(rows).fill(sd ** 2),
              noise: new Float64Array(rows).fill(0.01),
              cross: createMatrix(anchors.rows, rows),
            },
          ];
        },
    };
    const { expectedLoss } = await ask({ observations: observations(0), recent: [19] }, independent);
    expect(points).toBeGreaterThan(10);
    // 512 draws of a difference whose standard deviation is about sd √1.3.
    expect(Math.abs(expectedLoss - sd * expectedMaximum(points))).toBeLessThan(
      (3.5 * sd * Math.sqrt(1.3)) / Math.sqrt(512),
    );
  });
});

/** E max of R standard normal values: ∫ x dΦ(x)^R. */
function expectedMaximum(count: number): number {
  const step = 0.001;
  let sum = 0;
  for (let x = -8; x < 8; x += step) sum += (x + step / 2) * (normalCdf(x + step) ** count - normalCdf(x) ** count);
  return sum;
}

it("lets others have the event loop while it computes", async () => {
  let turns = 0;
  let over = false;
  const count = () => {
    turns++;
    if (!over) setImmediate(count);
  };
  const observed = observations(5);
  setImmediate(count);
  await ask({ observations: observed, recent: [] });
  over = true;
  expect(turns).toBeGreaterThan(0);
});
