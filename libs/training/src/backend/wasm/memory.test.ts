import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { openBackend } from "../index.ts";
import { withScratch } from "./memory.ts";

beforeAll(() => openBackend("wasm"));

it("refuses tensors beyond the addressable memory, and goes on", () => {
  const backend = tf.backend() as BackendWasm;
  const before = tf.memory();
  expect(() => backend.makeOutput([3 * 2 ** 29], "float32")).toThrow("smaller batch");
  expect(() => backend.makeOutput([2 ** 29], "float32")).toThrow("out of WebAssembly memory");
  // Three tensors of 1.2 GiB fit, the fourth does not.
  const large = () => tf.engine().makeTensorFromTensorInfo(backend.makeOutput([3 * 10 ** 8], "float32"));
  const tensors = [large(), large(), large()];
  expect(large).toThrow("out of WebAssembly memory");
  expect(() => withScratch(backend, 2 ** 30, () => 0)).toThrow("out of WebAssembly memory");
  for (const tensor of tensors) tensor.dispose();
  expect(tf.memory().numTensors).toBe(before.numTensors);
  expect(tf.tidy(() => tf.add(tf.tensor1d([1, 2]), tf.tensor1d([3, 4])).dataSync())).toEqual(Float32Array.of(4, 6));
});

it("gives scratch memory back, also when its use fails", () => {
  const backend = tf.backend() as BackendWasm;
  const first = withScratch(backend, 1 << 20, (address) => address);
  expect(() =>
    withScratch(backend, 1 << 20, () => {
      throw new Error("in use");
    }),
  ).toThrow("in use");
  expect(withScratch(backend, 1 << 20, (address) => address)).toBe(first);
});

it("frees what a kernel had made when it runs out of memory", () => {
  const backend = tf.backend() as BackendWasm;
  const module = backend.wasm as unknown as { _malloc(bytes: number): number };
  const [x, filter] = [tf.ones<tf.Rank.R4>([1, 8, 8, 4]), tf.ones<tf.Rank.R4>([3, 3, 4, 4])];
  const before = backend.numDataIds();
  const allocate = module._malloc;
  let calls = 0;
  module._malloc = (bytes) => {
    if (++calls === 2) throw new Error("no scratch");
    return allocate(bytes);
  };
  try {
    expect(() => tf.conv2d(x, filter, 1, "same")).toThrow("no scratch");
  } finally {
    module._malloc = allocate;
  }
  expect(backend.numDataIds()).toBe(before);
  tf.dispose([x, filter]);
});
