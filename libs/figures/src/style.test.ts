import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { drawSlice } from "./slice.ts";

/** Texts of the ticks along a logarithmic parameter. */
function ticksOf(min: number, max: number): string[] {
  const { document } = parseHTML("<html><body></body></html>");
  const values = Array.from({ length: 9 }, (_, i) => min * (max / min) ** (i / 8));
  const posterior = values.map((at, i) => ({ at, mean: i, low: i - 1, high: i + 1 }));
  const parameter = { name: "p", kind: "number", log: true, min, max } as const;
  const drawing = drawSlice({ parameter, metric: "m", points: [], posterior }, { document: document as never });
  const texts = [...drawing.querySelectorAll("g")].flatMap((group) =>
    [...group.children].map(({ tagName, textContent }) =>
      tagName.toLowerCase() === "text" ? (textContent ?? "") : "",
    ),
  );
  const along = texts.filter((text) => Number(text) >= min * 0.999 && Number(text) <= max * 1.001);
  return [...new Set(along)];
}

describe("a logarithmic axis", () => {
  it("has a text at each of its ticks", () => {
    expect(ticksOf(0.003, 0.5)).toEqual(expect.arrayContaining(["0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5"]));
    expect(ticksOf(0.0001, 1)).toEqual(expect.arrayContaining(["0.0001", "0.001", "0.01", "0.1", "1"]));
    expect(ticksOf(128, 4096)).toEqual(expect.arrayContaining(["128", "256", "512", "1024", "2048", "4096"]));
  });
});
