import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { mlp } from "./architecture/mlp.ts";
import { ParameterError } from "./configuration.ts";
import type { Dataset } from "./dataset/dataset.ts";
import { builtInWorkload, defineWorkload } from "./workload.ts";

const split = { size: 2, inputs: new Uint8Array(2), labels: new Uint8Array(2) };
const dataset: Dataset = {
  name: "tiny",
  inputShape: [1, 1, 1],
  classes: 2,
  train: split,
  test: split,
  flippable: false,
  checksum: "",
};

describe("defineWorkload", () => {
  const workload = defineWorkload({
    name: "mine",
    dataset,
    parameters: { depth: z.number().int().min(1).default(2).describe("layers"), kind: z.enum(["a", "b"]) },
    architecture: ({ depth, kind }) => ({ ...mlp, name: `${kind}${depth}` }),
    defaults: { batch_size: 7 },
  });

  it("gives the architecture its own parameters and the training the common ones", () => {
    const { architecture, configuration } = workload.configure({ kind: "b", learning_rate: 0.3 });
    expect(architecture.name).toBe("b2");
    expect(configuration).toMatchObject({ learningRate: 0.3, batchSize: 7 });
  });

  it("names own and common parameters at fault at once", () => {
    const configure = () => workload.configure({ depth: 0, kind: "c", momentum: 2, width: -1 });
    expect(configure).toThrow(ParameterError);
    expect(configure).toThrow(/depth: .*kind: .*momentum: .*width: /);
  });

  it("wants own parameters without default", () => {
    expect(() => workload.configure({})).toThrow(/^kind: /);
  });

  it("describes all of them", () => {
    const described = new Map(workload.parameters.map((parameter) => [parameter.name, parameter]));
    expect(described.get("depth")).toEqual({ name: "depth", description: "layers", defaultValue: 2 });
    expect(described.get("batch_size")?.defaultValue).toBe(7);
    expect(described.get("kind")).toMatchObject({ name: "kind" });
  });

  it("refuses an own parameter with a common name, and wrong defaults", () => {
    expect(() =>
      defineWorkload({ name: "x", dataset, parameters: { momentum: z.number() }, architecture: mlp }),
    ).toThrow(RangeError);
    expect(() => defineWorkload({ name: "x", dataset, architecture: mlp, defaults: { epochs: -1 } })).toThrow(
      ParameterError,
    );
  });

  it("reads the data once, but tries again after a failure", async () => {
    const read = vi.fn<() => Promise<Dataset>>().mockRejectedValueOnce(new Error("not yet")).mockResolvedValue(dataset);
    const lazy = defineWorkload({ name: "lazy", dataset: read, architecture: mlp });
    await expect(lazy.dataset()).rejects.toThrow("not yet");
    expect(await lazy.dataset()).toBe(dataset);
    expect(await lazy.dataset()).toBe(dataset);
    expect(read).toHaveBeenCalledTimes(2);
  });
});

it("a built-in workload chooses its network by the parameter architecture", () => {
  const workload = builtInWorkload("tiny", async () => dataset);
  expect(workload.configure({}).architecture.name).toBe("small_cnn");
  expect(workload.configure({ architecture: "wrn_16_2" }).architecture.name).toBe("wrn_16_2");
  expect(() => workload.configure({ architecture: "lenet" })).toThrow(/^architecture: must be one of mlp, /);
});
