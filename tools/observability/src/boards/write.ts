/** `npm run boards -w @superbatch/observability`: writes the boards' files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { chartFile } from "../chart-file.ts";
import { boardFile, boards, renderText } from "./index.ts";

for (const board of boards) {
  const path = chartFile(boardFile(board));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, renderText(board));
}
