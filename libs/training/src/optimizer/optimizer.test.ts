import { createRng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { createParameters } from "../architecture/parameters.ts";
import { openBackend } from "../backend/index.ts";
import { createOptimizer, type OptimizerOptions } from "./optimizer.ts";

beforeAll(() => openBackend("wasm"));

/** Values of one decaying and one undecayed parameter of value 1 after each of three steps with the gradient 0.5. */
async function steps(options: OptimizerOptions): Promise<{ decayed: number[]; plain: number[] }> {
  const before = tf.memory().numTensors;
  const parameters = createParameters(createRng(0), (builder) => {
    builder.tensor("w", [1], Float32Array.of(1), true);
    builder.tensor("b", [1], Float32Array.of(1), false);
  });
  const optimizer = createOptimizer(parameters, options);
  const trace = { decayed: [] as number[], plain: [] as number[] };
  for (let i = 0; i < 3; i++) {
    const gradients = Object.fromEntries(parameters.trainable.map(({ value }) => [value.name, tf.tensor1d([0.5])]));
    optimizer.apply(gradients, 0.1);
    trace.decayed.push((await parameters.get("w").data())[0]);
    trace.plain.push((await parameters.get("b").data())[0]);
    tf.dispose(gradients);
  }
  expect(optimizer.steps).toBe(3);
  parameters.dispose();
  optimizer.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return trace;
}

const close = (actual: number[], expected: number[]) => {
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
};

describe("createOptimizer", () => {
  it("SGD with momentum: velocities 0.5, 0.95, 1.355", async () => {
    const { plain } = await steps({ kind: "sgd", momentum: 0.9, weightDecay: 0 });
    close(plain, [0.95, 0.855, 0.7195]);
  });

  it("Nesterov looks one step ahead", async () => {
    const { plain } = await steps({ kind: "nesterov", momentum: 0.9, weightDecay: 0 });
    close(plain, [0.905, 0.7695, 0.59755]);
  });

  it("Adam's first steps have the length of the learning rate", async () => {
    const { plain } = await steps({ kind: "adam", momentum: 0.9, weightDecay: 0 });
    close(plain, [0.9, 0.8, 0.7]);
  });

  it("weight decay shrinks filters and matrices only, SGD's as an L2 penalty", async () => {
    const { decayed, plain } = await steps({ kind: "sgd", momentum: 0, weightDecay: 0.2 });
    close(plain, [0.95, 0.9, 0.85]);
    close(decayed, [0.93, 0.8614, 0.794172]);
  });

  it("weight decay of Adam is decoupled: it does not enter the moments", async () => {
    const { decayed } = await steps({ kind: "adam", momentum: 0.9, weightDecay: 0.2 });
    close(decayed, [0.98 - 0.1, (0.98 - 0.1) * 0.98 - 0.1, ((0.98 - 0.1) * 0.98 - 0.1) * 0.98 - 0.1]);
  });
});
