import { common, gaussianToProto, matrixFromProto, surrogate, vectorFromProto } from "@superbatch/contracts";
import { createMatrix } from "@superbatch/linalg";
import { implement, rpcError } from "@superbatch/rpc";
import { startTestService, type TestService } from "@superbatch/rpc/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createRemoteSurrogate } from "./remote-surrogate.ts";
import type { SurrogateData } from "./surrogate.ts";

const { FidelityKernel, Inference } = common;
const { signal } = new AbortController();
let service: TestService | undefined;
afterEach(() => service?.stop());

/** A service that numbers its models, and answers with means that tell which one was asked. */
async function start() {
  const fits: surrogate.FitRequest[] = [];
  const known = new Set<string>();
  const entry = implement(surrogate.SurrogateServiceDefinition, {
    describe: async () => ({}),
    async fit(request) {
      fits.push(request);
      known.add(`model ${fits.length}`);
      return {
        model: `model ${fits.length}`,
        approximation: "subset: 2 of 3 observations",
        objective: { jitter: 1e-8 },
        logCost: { jitter: 1e-6 },
      };
    },
    async posterior({ model, output, anchors, points }) {
      if (!known.has(model)) throw rpcError("MODEL_NOT_FOUND", { handle: model });
      const [r, q] = [matrixFromProto(anchors).rows, matrixFromProto(points).rows];
      const number = Number(model.slice(6)) + (output === surrogate.Output.LOG_COST ? 100 : 0);
      const gaussian = {
        anchorMean: new Float64Array(r),
        anchorCovariance: createMatrix(r, r),
        anchorNoise: new Float64Array(r),
        mean: new Float64Array(q).fill(number),
        variance: new Float64Array(q),
        noise: new Float64Array(q),
        cross: createMatrix(r, q),
      };
      return { samples: [gaussianToProto(gaussian)] };
    },
    release: async () => ({}),
  });
  service = await startTestService([entry]);
  const remote = createRemoteSurrogate({ client: service.client(surrogate.SurrogateServiceDefinition) });
  return { fits, known, remote };
}

const data: SurrogateData = {
  dimensions: [{ name: "x", kind: "numeric" }],
  x: createMatrix(3, 1, Float64Array.of(0.1, 0.5, 0.9)),
  y: Float64Array.of(3, 1, 2),
  cost: Float64Array.of(1, 1, 4),
};
const none = createMatrix(0, 1);
const point = createMatrix(1, 1, Float64Array.of(0.5));

describe("createRemoteSurrogate", () => {
  it("fits once and asks for either output", async () => {
    const { fits, remote } = await start();
    const posterior = await remote.fit(data, { seed: 7, samples: 4 }, signal);
    expect((await posterior("objective", none, point))[0]!.mean).toEqual(Float64Array.of(1));
    expect((await posterior("log-cost", none, point))[0]!.mean).toEqual(Float64Array.of(101));
    expect(fits).toHaveLength(1);
    expect(fits[0]).toMatchObject({ seed: 7, samples: 4, inferFrom: 0 });
    expect(vectorFromProto(fits[0]!.cost)).toEqual(data.cost);
  });

  it("asks for the model that a study chose", async () => {
    const { fits, remote } = await start();
    await remote.fit(data, { seed: 7 }, signal);
    expect(fits[0]).toMatchObject({ inference: Inference.MCMC, samples: 0 });
    expect(fits[0]!.gaussianProcess).toBeUndefined();
    const gaussianProcess = { fidelityNoise: true, fidelityKernel: "task" } as const;
    await remote.fit(data, { seed: 7, inference: "map", gaussianProcess }, signal);
    expect(fits[1]).toMatchObject({
      inference: Inference.MAP,
      gaussianProcess: { fidelityNoise: true, inputWarping: false, fidelityKernel: FidelityKernel.TASK },
    });
  });

  it("says in the one call which observations to infer from", async () => {
    const { fits, known, remote } = await start();
    const posterior = await remote.fit(data, { seed: 7, inferFrom: 2 }, signal);
    known.clear();
    await posterior("objective", none, point);
    expect(fits).toHaveLength(2);
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[0]).toMatchObject({ inferFrom: 2 });
    expect(vectorFromProto(fits[0]!.y)).toEqual(data.y);
  });

  it("tells what the service approximated, and the jitter", async () => {
    const { remote } = await start();
    const { report } = await remote.fit(data, { seed: 7 }, signal);
    expect(report).toEqual({ approximation: "subset: 2 of 3 observations", jitter: 1e-6 });
  });

  it("fits a forgotten model again", async () => {
    const { fits, known, remote } = await start();
    const posterior = await remote.fit(data, { seed: 7 }, signal);
    known.clear();
    expect((await posterior("objective", none, point))[0]!.mean).toEqual(Float64Array.of(2));
    expect((await posterior("objective", none, point))[0]!.mean).toEqual(Float64Array.of(2));
    expect(fits).toHaveLength(2);
  });

  it("stops with its signal", async () => {
    const { remote } = await start();
    await expect(remote.fit(data, { seed: 7 }, AbortSignal.abort(new Error("enough")))).rejects.toThrow();
  });
});
