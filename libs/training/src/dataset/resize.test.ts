import { describe, expect, it } from "vitest";
import type { Dataset } from "./dataset.ts";
import { resizeDataset } from "./resize.ts";

function dataset(side: number, inputs: Uint8Array | Float32Array): Dataset {
  const split = { size: 1, inputs, labels: Uint8Array.from([0]) };
  return {
    name: "test",
    inputShape: [side, side, 1],
    classes: 2,
    train: split,
    test: split,
    flippable: false,
    checksum: "",
  };
}

describe("resizeDataset", () => {
  it("takes means of blocks where the side is divided evenly", () => {
    const { train, inputShape } = resizeDataset(
      dataset(
        4,
        Uint8Array.from({ length: 16 }, (_, i) => 2 * i),
      ),
      2,
    );
    expect(inputShape).toEqual([2, 2, 1]);
    expect([...train.inputs]).toEqual([5, 9, 21, 25]);
  });

  it("weights pixels by the area that is covered", () => {
    const { train } = resizeDataset(dataset(3, Float32Array.from([0, 3, 6, 0, 3, 6, 0, 3, 6])), 2);
    expect([...train.inputs]).toEqual([1, 5, 1, 5]);
  });

  it("returns the data themselves at their own resolution", () => {
    const original = dataset(4, new Uint8Array(16));
    expect(resizeDataset(original, 4)).toBe(original);
    expect(resizeDataset(original, 2)).toBe(resizeDataset(original, 2));
  });

  it.each([0, 5, 1.5])("refuses %d pixels for images of 4", (side) => {
    expect(() => resizeDataset(dataset(4, new Uint8Array(16)), side)).toThrow(
      /resolution: must be an integer from 1 to 4/,
    );
  });
});
