import { validateSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { presetFor, spaceOf } from "./preset.ts";

describe("presets", () => {
  it.each([
    ["digits", 1_078],
    ["mnist", 54_000],
    ["cifar10", 45_000],
    ["cifar100", 45_000],
  ])("%s is a valid space whose target is the training set that is used", (dataset, examples) => {
    const preset = presetFor(dataset);
    const space = spaceOf(dataset, preset.architecture, preset, examples);
    expect(validateSpace(space)).toEqual([]);
    const superBatch = space.parameters.find(({ name }) => name === "super_batch")!;
    expect(superBatch.domain).toMatchObject({ min: preset.batchSize });
    expect(superBatch.fidelity).toMatchObject({ target: preset.trainingExamples ?? examples, effect: "small" });
  });

  it("trains on a share of a larger data set, and says so to trainers", () => {
    const space = spaceOf("cifar10", "small_cnn", presetFor("cifar10"), 45_000);
    const share = space.parameters.find(({ name }) => name === "data_share")!;
    expect(share.domain).toEqual({ kind: "fixed", value: 4_000 / 45_000 });
  });

  it("names the known data sets for an unknown one", () => {
    expect(() => presetFor("imagenet")).toThrow(/digits, mnist, cifar10, cifar100/);
  });
});
