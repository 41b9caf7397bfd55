import { surrogate as contract, gaussianFromProto } from "@superbatch/contracts";
import { type JointGaussian, type Matrix, matrixFromRows } from "@superbatch/linalg";
import { afterEach, describe, expect, it } from "vitest";
import { type FitInput, inferredPart } from "./fit-input.ts";
import { createSurrogate, type Surrogate } from "./surrogate.ts";
import type { OutputName } from "./task.ts";

let surrogate: Surrogate;
afterEach(() => surrogate.close());

const never = new AbortController().signal;
const anchors = matrixFromRows([[0.3], [0.7]]);

function input(n: number, changes: Partial<FitInput> = {}): FitInput {
  const values = Array.from({ length: n }, (_, i) => (i + 0.5) / n);
  return {
    dimensions: [{ name: "a", kind: "numeric" }],
    x: matrixFromRows(values.map((value) => [value])),
    y: Float64Array.from(values, (value) => Math.sin(6 * value)),
    cost: Float64Array.from(values, (value) => 1 + value),
    inference: "map",
    samples: 1,
    seed: 5,
    inferFrom: n,
    gaussianProcess: {},
    ...changes,
  };
}

/** The first observations of an input of n. */
function first(n: number, count: number): FitInput {
  return inferredPart(input(n, { inferFrom: count }));
}

function create(options: { threads?: number; cacheBytes?: number } = {}): { lost: unknown[] } {
  const lost: unknown[] = [];
  surrogate = createSurrogate({
    threads: 2,
    cacheBytes: 2 ** 24,
    onThreadLost: (cause) => lost.push(cause),
    ...options,
  });
  return { lost };
}

async function ask(handle: string, output: OutputName, points: Matrix): Promise<JointGaussian[] | undefined> {
  const bytes = await surrogate.posterior({ handle, output, anchors, points }, never);
  return bytes && contract.PosteriorResponse.decode(bytes).samples.map(gaussianFromProto);
}

const posterior = (handle: string) => ask(handle, "objective", anchors);

describe("surrogate", () => {
  it("answers an equal fit from the cache, and fits once for those who ask at the same time", async () => {
    create();
    const [one, two] = await Promise.all([surrogate.fit(input(8), never), surrogate.fit(input(8), never)]);
    expect(two!.model).toBe(one!.model);
    expect(await surrogate.fit(input(8), never)).toEqual({ model: one!.model, cached: true });
  });

  it("puts the outputs in two threads where there are two", async () => {
    create();
    const { parts } = (await surrogate.fit(input(5), never)).model;
    expect(new Set([parts.objective.thread, parts["log-cost"].thread]).size).toBe(2);
  });

  it("adds what hyperparameters are not inferred from", async () => {
    create({ threads: 1 });
    const { model } = await surrogate.fit(first(12, 9), never);
    const grown = (await surrogate.fit(input(12, { inferFrom: 9 }), never)).model;
    expect(grown.appended).toBe(true);
    expect(grown.parts.objective.summary.hyperparameters).toEqual(model.parts.objective.summary.hyperparameters);
    const [before, after] = await Promise.all([posterior(model.handle), posterior(grown.handle)]);
    for (let i = 0; i < 2; i++) expect(after![0]!.variance[i]).toBeLessThanOrEqual(before![0]!.variance[i]!);
  });

  it("gives one model under one handle, whatever was fitted before and however little is kept", async () => {
    const asked = input(40, { inferFrom: 34, inference: "mcmc", samples: 3 });
    const fitted = async (prepare: () => Promise<unknown>) => {
      await prepare();
      const { model } = await surrogate.fit(asked, never);
      expect(model.appended).toBe(true);
      return { handle: model.handle, answer: await posterior(model.handle) };
    };
    create();
    const cold = await fitted(async () => {});
    await surrogate.close();
    create();
    const warm = await fitted(() => surrogate.fit({ ...first(40, 34), inference: "mcmc", samples: 3 }, never));
    await surrogate.close();
    create({ cacheBytes: 1 });
    // Fits of others put the first observations' model out of the cache again and again.
    const crowded = await fitted(async () => {
      for (let i = 0; i < 6; i++) surrogate.fit(input(20 + i), never).catch(() => {});
    });
    expect(warm).toEqual(cold);
    expect(crowded).toEqual(cold);
  });

  it("fits the first observations once for all who add to them", async () => {
    create({ threads: 1 });
    const models = await Promise.all(
      [11, 12].map((n) => surrogate.fit({ ...first(12, n), inferFrom: 9 }, never).then(({ model }) => model)),
    );
    expect(models.map(({ appended }) => appended)).toEqual([true, true]);
    expect((await surrogate.fit(first(12, 9), never)).cached).toBe(true);
  });

  it("takes the library's number of samples where nobody chooses: fewer of many observations", async () => {
    create();
    const { model } = await surrogate.fit(input(501, { inference: "mcmc", samples: 0 }), never);
    expect(model.parts.objective.summary.samples).toBe(5);
  }, 180_000);

  it("says how well observations are predicted, of models with enough of them", async () => {
    create();
    const { model } = await surrogate.fit(input(12, { inferFrom: 9 }), never);
    const { logDensity, coverage } = (await surrogate.leaveOneOut(model.handle, "objective", never))!;
    expect(logDensity).toBeGreaterThan(0);
    expect(coverage).toBeGreaterThan(0.8);
    const small = (await surrogate.fit(input(2), never)).model;
    expect(await surrogate.leaveOneOut(small.handle, "log-cost", never)).toBeUndefined();
    expect(await surrogate.leaveOneOut("none", "log-cost", never)).toBeUndefined();
    await expect(surrogate.leaveOneOut(model.handle, "objective", AbortSignal.abort())).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  it("forgets what the memory has no room for", async () => {
    create({ cacheBytes: 1 });
    const first = await surrogate.fit(input(6), never);
    const second = await surrogate.fit(input(7), never);
    expect(await posterior(first.model.handle)).toBeUndefined();
    expect(await posterior(second.model.handle)).toHaveLength(1);
  });

  it("answers posteriors while its only thread fits, and stops the fit when asked", async () => {
    create({ threads: 1 });
    const { model } = await surrogate.fit(input(6), never);
    const controller = new AbortController();
    let fitting = true;
    const long = surrogate
      .fit(input(200, { inference: "mcmc", samples: 1000 }), controller.signal)
      .catch((error: unknown) => error)
      .finally(() => {
        fitting = false;
      });
    for (let i = 0; i < 3; i++) expect(await posterior(model.handle)).toHaveLength(1);
    expect(fitting).toBe(true);
    controller.abort();
    expect(await long).toMatchObject({ name: "AbortError" });
    // The thread is free again: this fit would otherwise wait behind the long one for minutes.
    expect((await surrogate.fit(input(9), never)).cached).toBe(false);
  });

  it("evaluates many points as it does few", async () => {
    create({ threads: 1 });
    const { handle } = (await surrogate.fit(input(6), never)).model;
    const rows = Array.from({ length: 5000 }, (_, i) => [i / 5000]);
    const [many] = (await ask(handle, "log-cost", matrixFromRows(rows)))!;
    const [few] = (await ask(handle, "log-cost", matrixFromRows(rows.slice(4000, 4010))))!;
    expect(many!.mean.slice(4000, 4010)).toEqual(few!.mean);
    expect(many!.variance.slice(4000, 4010)).toEqual(few!.variance);
    for (let i = 0; i < 2; i++) {
      const start = i * 5000 + 4000;
      expect(many!.cross.data.slice(start, start + 10)).toEqual(few!.cross.data.slice(i * 10, i * 10 + 10));
    }
    expect(many!.anchorCovariance).toEqual(few!.anchorCovariance);
  });
});
