import { fromBinary } from "@bufbuild/protobuf";
import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { contracts, fuzzedMethods } from "./contracts.ts";
import { granted } from "./corpus.ts";
import { mutate } from "./mutate.ts";
import { createNames } from "./names.ts";
import { textFields } from "./text-fields.ts";
import { encodeWire, parseWire } from "./wire.ts";

const methods = fuzzedMethods(contracts());
const names = createNames();

describe.each(methods.map((called) => [called.path, called] as const))("%s", (_, called) => {
  const good = granted(called, names, createRng(1));

  it("has a good request that is read and written again as it was", () => {
    expect(Buffer.from(encodeWire(parseWire(called.method.input, good)))).toEqual(Buffer.from(good));
  });

  it("is mutated into many other messages, the same ones by the same seed", () => {
    const of = (seed: number) => Buffer.from(mutate(createRng(seed), called.method.input, good, names)).toString("hex");
    const many = Array.from({ length: 100 }, (_, seed) => of(seed));
    expect(Array.from({ length: 100 }, (_, seed) => of(seed))).toEqual(many);
    // Of a message without fields there is little to change.
    expect(new Set(many).size).toBeGreaterThan(called.method.input.fields.length > 0 ? 10 : 2);
  });
});

describe("text fields", () => {
  it("are found in messages, lists and maps, and take a text without harm to the rest", () => {
    const fields = textFields();
    const paths = fields.map(({ called, path }) => `${called.method.name} ${path}`);
    for (const path of [
      "CreateStudy parent",
      "CreateStudy study.spec.labels{key}",
      "CreateStudy study.spec.labels{value}",
      "CreateStudy study.spec.space.parameters.categorical.categories",
      "AddTrials trials.parameters{value}.text",
      "Train parameters{key}",
      "Sample start.session",
    ])
      expect(paths).toContain(path);
    for (const { called, path, request } of fields) {
      const message = JSON.stringify(fromBinary(called.method.input, request("a needle in a haystack")), (_, value) =>
        typeof value === "bigint" ? String(value) : value,
      );
      expect(message, path).toContain("a needle in a haystack");
    }
  });
});
