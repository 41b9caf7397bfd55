import { expect, it } from "vitest";
import { markdownTable, percent, replaceBlock } from "./markdown.ts";

it("writes tables", () => {
  expect(
    markdownTable(
      ["a", "b"],
      [
        ["x", 12345],
        [0.123456, Number.NaN],
      ],
    ),
  ).toBe("| a | b |\n| --- | --- |\n| x | 12,345 |\n| 0.123 | – |");
  expect(percent(0.6158)).toBe("61.6%");
});

it("replaces what is between marks and leaves the rest", () => {
  const page = "before\n<!-- one: made by x -->\nold\n<!-- end -->\nmiddle\n<!-- two: y -->\n<!-- end -->\n";
  const written = replaceBlock(replaceBlock(page, "two", "second"), "one", "first");
  expect(written).toBe(
    "before\n<!-- one: made by x -->\n\nfirst\n\n<!-- end -->\nmiddle\n<!-- two: y -->\n\nsecond\n\n<!-- end -->\n",
  );
  expect(replaceBlock(written, "one", "first")).toBe(written);
  expect(() => replaceBlock(page, "three", "")).toThrow("three");
});
