import type { SearchSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { fidelitiesOf } from "./fidelities.ts";
import { createInitialDesign, fabolasLevels, lowToMiddle } from "./initial-design.ts";
import { studyData } from "./study-data.ts";
import { space, spaceWith } from "./testing/problem.ts";

const dataOf = (space: SearchSpace) =>
  studyData({ space, algorithm: { kind: "fabolas" }, seed: "1", observations: [] });
const [superBatch] = fidelitiesOf(space);

describe("createInitialDesign", () => {
  it("evaluates each point at each level, cheap levels first", () => {
    const design = createInitialDesign(dataOf(space), { points: 4, levels: () => [128, 512, 2048] });
    expect(design.size).toBe(12);
    const points = Array.from({ length: 12 }, (_, i) => design.point(i));
    expect(points.map((point) => point.super_batch)).toEqual(Array(4).fill([128, 512, 2048]).flat());
    expect(new Set(points.map(({ x, y }) => `${x} ${y}`)).size).toBe(4);
    expect(points[4]!.x).toBe(points[5]!.x);
  });

  it("evaluates some points at all levels, after all at the lowest", () => {
    const options = { points: 3, levels: () => [128, 512, 2048] };
    const all = createInitialDesign(dataOf(space), options);
    const some = createInitialDesign(dataOf(space), { ...options, paired: 2 });
    const order = [0, 3, 6, 1, 2, 4, 5];
    expect(some.size).toBe(7);
    expect(order.map((_, i) => some.point(i))).toEqual(order.map((i) => all.point(i)));
    // Beyond the design come the points that no design of this size has.
    expect([some.point(7), some.point(8)]).toEqual([all.point(9), all.point(10)]);
    expect(createInitialDesign(dataOf(space), { ...options, paired: 9 }).size).toBe(9);
    expect(createInitialDesign(dataOf(space), { ...options, paired: 2, held: { super_batch: 4096 } }).size).toBe(3);
  });

  it("evaluates one point at all levels where little is expected of all fidelities", () => {
    const one = createInitialDesign(dataOf(spaceWith("small")), { points: 3 });
    const asked = createInitialDesign(dataOf(space), { points: 3, paired: 1 });
    const indices = Array.from({ length: 6 }, (_, i) => i);
    expect(one.size).toBe(4);
    expect(indices.map((i) => one.point(i))).toEqual(indices.map((i) => asked.point(i)));
    expect(createInitialDesign(dataOf(spaceWith("open")), { points: 3 }).size).toBe(6);

    const epochs = { ...spaceWith("open").parameters.find(({ fidelity }) => fidelity)!, name: "epochs" };
    const mixed = { ...space, parameters: [...spaceWith("small").parameters, epochs] };
    expect(createInitialDesign(dataOf(mixed), { points: 3 }).size).toBe(6);
  });

  it("evaluates each point once where fidelities are held or absent", () => {
    const held = createInitialDesign(dataOf(space), { points: 3, held: { super_batch: 4096 } });
    expect(held.size).toBe(3);
    expect(held.point(2).super_batch).toBe(4096);
    const plain = { ...space, parameters: space.parameters.slice(0, 2) };
    expect(createInitialDesign(dataOf(plain)).size).toBe(3);
  });

  it("does not have two fidelities low together at every point", () => {
    const epochs = {
      name: "epochs",
      domain: { kind: "integer", min: 1, max: 64, scale: "log" },
      fidelity: { target: 64, basis: "exponential" },
    } as const;
    const design = createInitialDesign(dataOf({ ...space, parameters: [...space.parameters, epochs] }), { points: 4 });
    const pairs = new Set(
      Array.from({ length: 8 }, (_, i) => `${design.point(i).super_batch} ${design.point(i).epochs}`),
    );
    expect(pairs.size).toBe(4);

    // What is not paired is cheap in both.
    const some = createInitialDesign(dataOf({ ...space, parameters: [...space.parameters, epochs] }), {
      points: 4,
      paired: 2,
    });
    for (const i of [2, 3]) expect(some.point(i)).toMatchObject({ super_batch: 128, epochs: 1 });
    const evaluated = Array.from({ length: some.size }, (_, i) => JSON.stringify(some.point(i)));
    const all = Array.from({ length: design.size }, (_, i) => JSON.stringify(design.point(i)));
    expect(evaluated.filter((point) => all.slice(0, 4).includes(point))).toHaveLength(4);
  });
});

describe("levels of a fidelity", () => {
  it("lie evenly from the smallest to two thirds of what may be evaluated", () => {
    expect(lowToMiddle(1)(superBatch!)).toEqual([936]);
    expect(lowToMiddle(2)(superBatch!)).toEqual([128, 6840]);
    expect(lowToMiddle(3)(superBatch!)).toEqual([128, 936, 6840]);
  });

  it("are one where they fall together", () => {
    const tiny = fidelitiesOf({
      parameters: [
        {
          name: "s",
          domain: { kind: "integer", min: 1, max: 2, scale: "linear" },
          fidelity: { target: 9, basis: "linear" },
        },
      ],
      constraints: [],
    });
    expect(lowToMiddle(3)(tiny[0]!)).toEqual([1, 2]);
  });

  it("are 1/256, 1/128 and 1/64 of the target for Fabolas, within the domain", () => {
    expect(fabolasLevels(superBatch!)).toEqual([195, 391, 781]);
  });
});
