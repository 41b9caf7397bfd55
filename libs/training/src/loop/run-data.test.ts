import { expect, it } from "vitest";
import { parseConfiguration } from "../configuration.ts";
import { createBatchMemory, prepareRunData } from "./run-data.ts";
import { quadrants } from "./testing.ts";

const dataset = quadrants();

it("validates on a stratified part that never trains", () => {
  const { training, validation } = prepareRunData(dataset, parseConfiguration({}));
  expect([training.length, validation.length]).toEqual([300, 100]);
  expect(new Set([...training, ...validation]).size).toBe(400);
  const perClass = [0, 1, 2, 3].map((label) => validation.filter((i) => dataset.train.labels[i] === label).length);
  expect(perClass).toEqual([25, 25, 25, 25]);
});

it("validates on the same examples at every share, and nests the shares", () => {
  const [small, large] = [0.1, 0.5].map((data_share) => prepareRunData(dataset, parseConfiguration({ data_share })));
  expect(small.validation).toEqual(large.validation);
  expect([small.training.length, large.training.length]).toEqual([30, 150]);
  const members = new Set(large.training);
  expect(small.training.every((index) => members.has(index))).toBe(true);
});

it("reduces the resolution of what trains, validates and tests", () => {
  const { inputShape, trainReader, testReader } = prepareRunData(dataset, parseConfiguration({ resolution: 2 }));
  expect([inputShape, trainReader.inputShape, testReader.inputShape]).toEqual(Array(3).fill([2, 2, 1]));
});

it("refuses more validation examples than there are", () => {
  const configuration = parseConfiguration({ validation_examples: 400 });
  expect(() => prepareRunData(dataset, configuration)).toThrow(/validation_examples: must be below the 400/);
});

it("lends two memories in turn, and no more than there is", () => {
  const memory = createBatchMemory(3, [4, 4, 1]);
  const [first, second, third] = [memory(2), memory(3), memory(1)];
  expect(second.inputs).not.toBe(first.inputs);
  expect(third.inputs).toBe(first.inputs);
  expect([first.size, second.size, third.size]).toEqual([2, 3, 1]);
  expect(() => memory(4)).toThrow(RangeError);
});
