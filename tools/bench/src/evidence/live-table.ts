import type { Emulator } from "../emulator/emulator.ts";
import { meanOf } from "../regret/summary.ts";
import { type LiveStudy, liveCheckpoints } from "./live-studies.ts";
import { markdownTable, percent } from "./markdown.ts";
import type { Method } from "./methods.ts";

/** What came of the studies with real trainings, and what the emulator says of the same recommendations. */
export function liveTable(studies: readonly (readonly [Method, readonly LiveStudy[]])[], emulator: Emulator): string {
  const recorded = studies.filter(([, own]) => own.length > 0);
  if (recorded.length === 0) return "None is recorded yet.";
  const { problem, guessing } = emulator.table;
  const level = problem.levels.at(-1)!;
  const rows = recorded.map(([{ title }, own]) => {
    const finals = own.map(({ uniform }) => meanOf(uniform.at(-1)!));
    const emulated = own.map(({ recommended }) => {
      const x = recommended.at(-1);
      return x ? emulator.truth({ family: "uniform", level: 1, x }).mean : guessing;
    });
    return [
      title,
      own.length,
      ...liveCheckpoints.map((_, i) => percent(meanOf(own.map(({ uniform }) => meanOf(uniform[i]!))))),
      percent(Math.max(...finals)),
      percent(meanOf(own.map(({ target }) => meanOf(target)))),
      percent(meanOf(emulated)),
      Math.round(meanOf(own.map(({ cost }) => cost.length))),
    ];
  });
  return markdownTable(
    [
      "method",
      "seeds",
      ...liveCheckpoints.map((cost) => `error at ${cost}`),
      "worst",
      `the same trained at B = ${level}b`,
      "the emulator's error",
      "trials",
    ],
    rows,
  );
}
