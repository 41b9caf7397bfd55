import { surrogate as contract, gaussianFromProto } from "@superbatch/contracts";
import { type JointGaussian, type Matrix, matrixFromRows } from "@superbatch/linalg";
import { afterEach, describe, expect, it } from "vitest";
import type { FitInput } from "./fit-input.ts";
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
    previous: "",
    append: false,
    ...changes,
  };
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

  it("appends to a model that has the first observations", async () => {
    create({ threads: 1 });
    const all = input(12);
    const first = {
      ...all,
      x: matrixFromRows([...all.x.data.slice(0, 9)].map((v) => [v])),
      y: all.y.slice(0, 9),
      cost: all.cost.slice(0, 9),
    };
    const { model } = await surrogate.fit(first, never);
    const grown = (await surrogate.fit({ ...all, previous: model.handle, append: true }, never)).model;
    expect(grown.appended).toBe(true);
    expect(grown.parts.objective.summary.hyperparameters).toEqual(model.parts.objective.summary.hyperparameters);
    const [before, after] = await Promise.all([posterior(model.handle), posterior(grown.handle)]);
    for (let i = 0; i < 2; i++) expect(after![0]!.variance[i]).toBeLessThanOrEqual(before![0]!.variance[i]!);

    const other = await surrogate.fit({ ...input(13), previous: model.handle, append: true }, never);
    expect(other.model.appended).toBe(false);
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
