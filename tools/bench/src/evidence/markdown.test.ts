import { expect, it } from "vitest";
import { headingsAndBlocks, markdownTable, percent, points, replaceBlock } from "./markdown.ts";

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
  expect(percent(0.00716)).toBe("0.72%");
  expect(percent(0.00716, 0)).toBe("1%");
  expect(points(0.0031, { digits: 2, signed: true })).toBe("+0.31");
  expect(points(-0.0031)).toBe("-0.3");
  expect(points(Number.NaN)).toBe("–");
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

it("keeps of a page for other records what people did not write", () => {
  const page =
    "# Title\n\nwords\n\n<!-- one: x -->\nold\n<!-- end -->\n\n## Other\n\nwords\n\n<!-- two: x -->\n# 1\n<!-- end -->\n![A](a.svg)\n";
  const kept = headingsAndBlocks(page, ["one"]);
  expect(kept).toBe("# Title\n\n<!-- one: x -->\nold\n<!-- end -->\n\n## Other\n\n![A](a.svg)\n");
  expect(replaceBlock(kept, "one", "new")).toContain("\nnew\n");
});
