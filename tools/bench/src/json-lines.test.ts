import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { appendJsonLine, readJsonLines, writeJsonLines } from "./json-lines.ts";

it("reads what was written, without what an interrupted write has left", () => {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-json-lines-"));
  try {
    const file = join(folder, "deep", "records.jsonl");
    expect(readJsonLines(file)).toEqual([]);
    appendJsonLine(file, { a: 1 });
    appendJsonLine(file, { a: 2 });
    appendFileSync(file, '{"a": 3');
    expect(readJsonLines(file)).toEqual([{ a: 1 }, { a: 2 }]);
    writeJsonLines(file, [{ a: 4 }]);
    expect(readJsonLines(file)).toEqual([{ a: 4 }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
