import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { augmentationOfStrength } from "./augmentation.ts";
import { createBatchReader } from "./batch.ts";
import type { InputShape, Split } from "./dataset.ts";
import { channelNormalization } from "./normalization.ts";

const shape: InputShape = [4, 4, 2];
const size = 32;
const split: Split = {
  size: 3,
  inputs: Uint8Array.from({ length: 3 * size }, (_, i) => (i * 37) % 251),
  labels: Uint8Array.from([4, 5, 6]),
};
const plain = { mean: Float64Array.from([0, 0]), sd: Float64Array.from([1, 1]) };

function read(
  indices: number[],
  options: Partial<Parameters<typeof createBatchReader>[0]> = {},
  seed?: number,
): Float32Array {
  const reader = createBatchReader({ split, inputShape: shape, normalization: plain, ...options });
  const inputs = new Float32Array(indices.length * size);
  reader.read(indices, inputs, new Int32Array(indices.length), seed === undefined ? undefined : createRng(seed));
  return inputs;
}

describe("normalization", () => {
  it("gives each channel mean 0 and variance 1 over the examples it was measured on", () => {
    const normalization = channelNormalization(split, shape);
    const values = read([0, 1, 2], { normalization });
    for (const channel of [0, 1]) {
      const own = values.filter((_, i) => i % 2 === channel);
      const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(own.reduce((sum, v) => sum + v * v, 0) / own.length).toBeCloseTo(1, 5);
    }
  });

  it("does not divide by zero where a channel is constant", () => {
    const constant = { ...split, inputs: new Uint8Array(3 * size).fill(9) };
    expect(channelNormalization(constant, shape)).toEqual({
      mean: Float64Array.from([9, 9]),
      sd: Float64Array.from([1, 1]),
    });
  });

  it("is the same for bytes and for numbers", () => {
    const normalization = channelNormalization(split, shape);
    const numbers = { ...split, inputs: Float32Array.from(split.inputs) };
    expect(read([2, 0], { split: numbers, normalization })).toEqual(read([2, 0], { normalization }));
  });
});

describe("augmentation", () => {
  const augmentation = { pad: 1, flipProbability: 0.5 };

  it("makes each of the 18 variants, shifted and mirrored by hand, and no other", () => {
    const expected = new Set<string>();
    for (const down of [-1, 0, 1]) {
      for (const right of [-1, 0, 1])
        for (const mirrored of [false, true]) expected.add(variant(1, down, right, mirrored));
    }
    const seen = new Set(Array.from({ length: 400 }, (_, seed) => [...read([1], { augmentation }, seed)].join()));
    expect(seen).toEqual(expected);
    expect(seen.size).toBe(18);
  });

  it("leaves the images alone without a stream", () => {
    expect(read([0, 1], { augmentation })).toEqual(Float32Array.from(split.inputs.subarray(0, 2 * size)));
  });

  it("of strength 1 is CIFAR's: 4 of 32 pixels, mirrored half of the time", () => {
    expect(augmentationOfStrength(1, 32, true)).toEqual({ pad: 4, flipProbability: 0.5 });
    expect(augmentationOfStrength(1, 8, false)).toEqual({ pad: 1, flipProbability: 0 });
    expect(augmentationOfStrength(0, 32, true)).toEqual({ pad: 0, flipProbability: 0 });
  });
});

/** Example `index`, element by element: the plain definition. */
function variant(index: number, down: number, right: number, mirrored: boolean): string {
  const values: number[] = [];
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 4; x++) {
      const [sy, sx] = [y + down, (mirrored ? 3 - x : x) + right];
      const inside = sy >= 0 && sy < 4 && sx >= 0 && sx < 4;
      for (const channel of [0, 1]) values.push(inside ? split.inputs[index * size + (sy * 4 + sx) * 2 + channel] : 0);
    }
  }
  return values.join();
}
