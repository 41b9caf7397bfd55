import { lossScores, upperBoundScores } from "@superbatch/is-sgd";
import fc from "fast-check";
import { expect, it } from "vitest";
import { exampleScores } from "./example-scores.ts";

const logits = Float32Array.of(2, 0.5, -1, 0.1, 0.2, 0.3, -1, 3, 0, 4, -2, 0);
const labels = [0, 2, 0, 0];

it("agrees with values computed independently", () => {
  const { losses, upperBounds, wrong } = exampleScores(logits, labels, 4, 3);
  const expectedLosses = [0.2413112967, 1.0019428482, 4.0658839038, 0.0205811389];
  const expectedScores = [0.2796875874, 0.775383267, 1.3582030893, 0.027254361];
  for (let i = 0; i < 4; i++) {
    expect(losses[i]).toBeCloseTo(expectedLosses[i], 6);
    expect(upperBounds[i]).toBeCloseTo(expectedScores[i], 6);
  }
  expect(wrong).toBe(1);
});

it("agrees with the scores of the sampling library", () => {
  const row = fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(row, fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 20 }),
      (examples) => {
        const z = Float32Array.from(examples.flatMap(([values]) => values));
        const y = examples.map(([, label]) => label);
        const { losses, upperBounds } = exampleScores(z, y, y.length, 5);
        const [expectedScores, expectedLosses] = [upperBoundScores(z, y), lossScores(z, y)];
        for (let i = 0; i < y.length; i++) {
          expect(upperBounds[i]).toBeCloseTo(expectedScores[i], 12);
          expect(losses[i]).toBeCloseTo(expectedLosses[i], 10);
        }
      },
    ),
  );
});

it("with label smoothing the score is the norm of the smoothed loss's gradient", () => {
  const z = [1, -0.5, 0.25];
  const smoothing = 0.3;
  const loss = (values: number[]) => exampleScores(Float32Array.from(values), [1], 1, 3, smoothing).losses[0];
  const h = 2 ** -7;
  const gradient = z.map((_, k) => {
    const moved = (by: number) => loss(z.map((value, i) => (i === k ? value + by : value)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
  const { upperBounds } = exampleScores(Float32Array.from(z), [1], 1, 3, smoothing);
  expect(upperBounds[0]).toBeCloseTo(Math.hypot(...gradient), 4);
});

it("large logits do not overflow", () => {
  const { losses, upperBounds } = exampleScores(Float32Array.of(1000, -1000), [1], 1, 2);
  expect([losses[0], upperBounds[0]]).toEqual([2000, Math.SQRT2]);
});
