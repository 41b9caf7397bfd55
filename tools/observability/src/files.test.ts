import { readFileSync } from "node:fs";
import { telemetrySchema } from "@superbatch/telemetry/schema";
import { describe, expect, it } from "vitest";
import { boardFile, boards, queriesOf, renderText } from "./boards/index.ts";
import { chartFile } from "./chart-file.ts";
import { knownNames, unknownNames } from "./names.ts";
import { readRules, watched } from "./rules.ts";

const rules = readRules();
const names = knownNames(telemetrySchema(), rules, ["fleet"]);

describe("Grafana boards", () => {
  it.each(boards)("$uid is what its source says", (board) => {
    expect(readFileSync(chartFile(boardFile(board)), "utf8")).toBe(renderText(board));
  });

  it.each(boards.flatMap(queriesOf))("$panel speaks of what the schema has", ({ expr }) => {
    expect(unknownNames(expr, names)).toEqual([]);
  });
});

describe("rules of Prometheus", () => {
  it.each([...rules.recorded])("%s speaks of what the schema has", (_, expr) => {
    expect(unknownNames(expr, names)).toEqual([]);
  });

  it.each([...rules.alerts])("%s holds a recorded series to a bound", (_, expr) => {
    expect([...rules.recorded.keys()]).toContain(watched(expr));
  });
});

describe("unknownNames", () => {
  it.each([
    ["sum by (superbatch_study) (rate(superbatch_trial_ends_total[5m]))", []],
    ["sum by (study) (rate(superbatch_trial_end_total[5m]))", ["study", "superbatch_trial_end_total"]],
    ['superbatch_trials{superbatch_state="leased"} > 0', ["superbatch_state"]],
    ["histogram_quantile(0.9, superbatch_work_duration_seconds)", ["superbatch_work_duration_seconds"]],
    ['label_replace(superbatch_trials, "a", "$1", "b_c", "x_y{}")', []],
    ["superbatch:nothing:ratio5m > 1", ["superbatch:nothing:ratio5m"]],
  ])("%s", (expr, unknown) => {
    expect(unknownNames(expr, names)).toEqual(unknown);
  });
});
