import { describe, expect, it } from "vitest";
import type { Sampler } from "../sampler.ts";
import type { Scheme, SessionSpec } from "../spec.ts";
import { chiSquareTail } from "./chi-square.ts";
import { drive } from "./drive.ts";

const examples = 40;
/** Fixed scores with a zero, so that there is an example that importance sampling must never draw. */
const scoreOf = (index: number) => (index % 8) ** 1.5;
const schemes: readonly Scheme[] = ["uniform", "upper-bound", "loss", "loss-history"];
const spec: SessionSpec = { examples, batchSize: 4, superBatchSize: 12, threshold: 1.05, seed: 11 };

/**
 * What holds of every {@link Sampler}, in process or remote. Run inside a vitest file.
 *
 * @param name - of the implementation
 * @param open - opens a sampler with this spec, behind this token if there is one; the suite closes it
 */
export function samplerContract(name: string, open: (spec: SessionSpec, token?: Uint8Array) => Promise<Sampler>): void {
  const using = async <T>(spec: SessionSpec, action: (sampler: Sampler) => Promise<T>): Promise<T> => {
    const sampler = await open(spec);
    try {
      return await action(sampler);
    } finally {
      await sampler.close();
    }
  };

  describe(`${name}: contract of a sampler`, () => {
    it("gives the recorded sequence", async () => {
      const { steps } = await using(spec, (sampler) => drive(sampler, scoreOf, 40));
      expect(steps.map(({ importance }) => (importance ? "i" : "u")).join("")).toBe(recorded.phases);
      expect([...steps[0].indices]).toEqual(recorded.first);
      expect([...steps[39].indices]).toEqual(recorded.last);
      for (const [k, weight] of steps[39].weights.entries()) expect(weight).toBeCloseTo(recorded.lastWeights[k], 5);
    });

    it.each(schemes)("%s: draws follow the distribution, and weights are unbiased", async (scheme) => {
      const count = 4000;
      const { steps } = await using({ ...spec, scheme }, (sampler) => drive(sampler, scoreOf, count));
      const settled = steps.slice(200);
      const draws = settled.flatMap((step) =>
        Array.from(step.indices, (index, k) => ({ index, weight: step.weights[k] })),
      );
      // Σ of weights by example: each has the expectation 1/N of all draws, whatever the scheme.
      const sums = new Float64Array(examples);
      const squares = new Float64Array(examples);
      for (const { index, weight } of draws) {
        sums[index] += weight;
        squares[index] += weight ** 2;
      }
      for (let i = 0; i < examples; i++) {
        const importance = scheme === "upper-bound" || scheme === "loss";
        if (importance && scoreOf(i) === 0) expect(sums[i]).toBe(0);
        else expect(Math.abs(sums[i] - draws.length / examples)).toBeLessThan(4.5 * Math.sqrt(squares[i]));
      }
      if (scheme === "uniform") {
        const counts = new Float64Array(examples);
        for (const { index } of draws) counts[index]++;
        const tail = chiSquareTail(counts, new Float64Array(examples).fill(draws.length / examples));
        expect(tail).toBeGreaterThan(0.001);
      }
    });

    it("at B = b draws exactly as uniform SGD does at the same seed", async () => {
      const equal = { ...spec, superBatchSize: 4, threshold: 0 };
      const importance = await using({ ...equal, scheme: "upper-bound" }, (s) => drive(s, scoreOf, 30));
      const uniform = await using({ ...equal, scheme: "uniform" }, (s) => drive(s, scoreOf, 30));
      expect(importance.steps.map(({ indices }) => [...indices])).toEqual(
        uniform.steps.map(({ indices }) => [...indices]),
      );
      expect(importance.steps.every(({ weights }) => weights.every((w) => w === 1))).toBe(true);
    });

    it("switches when τ pays and back when it does not, both ways by the tracked τ", async () => {
      const peaked = (index: number, round: number) => (round >= 30 && round < 60 && index % 4 < 3 ? 0.01 : 1);
      await using({ ...spec, threshold: 1.3 }, async (sampler) => {
        const { steps } = await drive(sampler, peaked, 120);
        const on = steps.filter(({ importance }) => importance).map(({ round }) => round);
        expect(on.length).toBeGreaterThan(10);
        expect(Math.min(...on)).toBeGreaterThan(30);
        expect(Math.max(...on)).toBeLessThan(90);
        expect(sampler.status()).toMatchObject({ importance: false, importanceRounds: on.length });
      });
    });

    it("with a super-batch prefetched asks for the next scores before it gives the mini-batch", async () => {
      const order = await using({ ...spec, prefetch: 1 }, async (sampler) => {
        const actions: string[] = [];
        let task = await sampler.next();
        for (let k = 0; k < 60; k++) {
          actions.push(`${task.action} ${task.round}`);
          task = await sampler.next(task.scores === "none" ? undefined : Float32Array.from(task.indices, scoreOf));
        }
        return actions;
      });
      const at = order.indexOf("train 20");
      expect(order.slice(at - 1, at + 3)).toEqual(["score 21", "train 20", "score 22", "train 21"]);
    });

    it.each([0, 1])("tells the next task where it is known, and then gives it (prefetch %i)", async (prefetch) => {
      const known = await using({ ...spec, prefetch }, async (sampler) => {
        const before: string[] = [];
        let task = await sampler.next();
        for (let k = 0; k < 60; k++) {
          const upcoming = sampler.upcoming();
          if (upcoming) before.push(`${task.action} ${task.scores}`);
          task = await sampler.next(task.scores === "none" ? undefined : Float32Array.from(task.indices, scoreOf));
          if (upcoming) expect(task).toEqual(upcoming);
        }
        return new Set(before);
      });
      // Behind an importance-sampled step always: its super-batch waits for no scores. With one in store behind uniform steps, too.
      expect(known).toContain("train none");
      expect(known.has("train required")).toBe(prefetch === 1);
    });

    it("refuses bad scores, names the field, and goes on with right ones as if nothing had been", async () => {
      const undisturbed = await using(spec, (sampler) => drive(sampler, scoreOf, 10));
      await using(spec, async (sampler) => {
        const task = await sampler.next();
        const bad: [ArrayLike<number> | undefined, string][] = [
          [[1, Number.NaN, 1, 1], "scores[1]"],
          [[1, 1, -1, 1], "scores[2]"],
          [[1, 1, 1, Number.POSITIVE_INFINITY], "scores[3]"],
          [[1, 1, 1], "scores"],
          [undefined, "scores"],
        ];
        for (const [scores, field] of bad)
          await expect(sampler.next(scores)).rejects.toThrow(expect.objectContaining({ field }));
        const { steps } = await drive(sampler, scoreOf, 10, task);
        expect(steps.map(({ indices }) => [...indices])).toEqual(undisturbed.steps.map(({ indices }) => [...indices]));
      });
    });

    it("refuses scores that nobody asked for", async () => {
      await using({ ...spec, threshold: 0 }, async (sampler) => {
        let task = await sampler.next();
        while (task.scores !== "none") task = await sampler.next(Float32Array.from(task.indices, () => 1));
        await expect(sampler.next([1])).rejects.toThrow(expect.objectContaining({ field: "scores" }));
        expect((await sampler.next()).action).toBe("score");
      });
    });

    it.each([
      [{ superBatchSize: 41 }, "superBatchSize"],
      [{ superBatchSize: 3 }, "superBatchSize"],
      [{ batchSize: 0 }, "batchSize"],
      [{ examples: 0, batchSize: 1, superBatchSize: 1 }, "examples"],
      [{ smoothing: 1 }, "smoothing"],
    ] as const)("refuses %o and names the field", async (wrong, field) => {
      const opened = using({ ...spec, ...wrong }, async () => {});
      await expect(opened).rejects.toThrow(expect.objectContaining({ field }));
    });

    it("goes on behind a token as if nothing had been", async () => {
      for (const prefetch of [0, 1]) {
        const whole = await using({ ...spec, prefetch }, (sampler) => drive(sampler, scoreOf, 60));
        const token = await using({ ...spec, prefetch }, async (sampler) => {
          await drive(sampler, scoreOf, 40);
          return sampler.token()!;
        });
        const rest = await (async () => {
          const sampler = await open({ ...spec, prefetch }, token);
          const { steps } = await drive(sampler, scoreOf, 10);
          await sampler.close();
          return steps;
        })();
        expect(rest).toEqual(whole.steps.slice(rest[0].round, rest[0].round + 10));
        expect(rest[0].round).toBeGreaterThanOrEqual(39);
      }
    });

    it("cuts weights at a bound and then says that it is biased", async () => {
      const skewed = (index: number) => (index % 8 === 1 ? 0.001 : 1 + (index % 8) * 20);
      await using({ ...spec, maxWeight: 1.5 }, async (sampler) => {
        const { steps } = await drive(sampler, skewed, 300);
        expect(Math.max(...steps.flatMap(({ weights }) => [...weights]))).toBeLessThanOrEqual(1.5);
        expect(sampler.status()!.biased).toBe(true);
      });
      await using(spec, async (sampler) => {
        await drive(sampler, skewed, 300);
        expect(sampler.status()!.biased).toBe(false);
      });
    });

    it("grows B while τ pays and reports the present B", async () => {
      const peaked = (index: number) => (index === 7 ? 1 : 1e-3);
      const adaptive = { examples: 4000, batchSize: 8, superBatchSize: 16, adaptive: { max: 64 }, seed: 1 };
      await using({ ...adaptive, costRatio: 30 }, async (sampler) => {
        await drive(sampler, (index) => (index % 10 === 7 ? 1 : 1e-3), 100);
        expect(sampler.status()!.superBatchSize).toBe(64);
      });
      await using(adaptive, async (sampler) => {
        await drive(sampler, peaked, 100);
        expect(sampler.status()!.superBatchSize).toBe(16);
      });
    });

    it("lets B shrink back when τ no longer pays, so that importance sampling can come on again", async () => {
      const adaptive = { examples: 4000, batchSize: 8, superBatchSize: 16, adaptive: { max: 64 }, seed: 1 };
      const peaked = (index: number) => (index % 5 === 2 ? 1 : 1e-3);
      await using({ ...adaptive, costRatio: 6 }, async (sampler) => {
        const grown = await drive(sampler, peaked, 200);
        expect(sampler.status()!.superBatchSize).toBeGreaterThan(16);
        const flat = await drive(sampler, () => 1, 100, grown.next);
        expect(sampler.status()).toMatchObject({ importance: false, superBatchSize: 16 });
        await drive(sampler, peaked, 100, flat.next);
        expect(sampler.status()!.importance).toBe(true);
      });
    });
  });
}

/** The sequence of `spec` with `scoreOf`, as the first released version gave it: sessions that are continued by another version rely on it. */
const recorded = {
  phases: "uuuuuuuuuuuuuuuuiiiiiiiiiiiiiiiiiiiiiiii",
  first: [21, 16, 14, 31],
  last: [39, 30, 35, 39],
  lastWeights: [0.332063, 0.418447, 1.183546, 0.332063],
};
