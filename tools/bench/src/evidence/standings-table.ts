import type { Shift } from "../regret/signed-rank.ts";
import { median } from "../timing.ts";
import { decimalsOf, isSmall, markdownTable, percent, points } from "./markdown.ts";
import { type Studies, studiesByMethod } from "./records.ts";
import { type Judge, meanCurve, reach, type Standing, standings } from "./summary.ts";

/** Shares of the cost at which the mean error is told besides that at the end. */
const early = [1 / 4, 1 / 2];

/**
 * How the methods stand, in the order of the registry.
 *
 * @param level - the largest super-batch, in multiples of b
 * @param checkpoints - of the studies
 */
export function standingsTable(
  studies: Studies,
  reference: string,
  level: number,
  checkpoints: readonly number[],
): string {
  const recorded = studiesByMethod(studies);
  const byUniform = standings(recorded, "uniform", reference);
  const byTarget = standings(recorded, "target", reference);
  const title = titles(studies);
  const digits = decimalsOf(lowestOf(byUniform));
  const then = early.map((share) => checkpoints.findIndex((cost) => cost >= share * checkpoints.at(-1)!));
  return markdownTable(
    [
      "method",
      "seeds",
      ...then.map((at) => `mean error at a cost of ${checkpoints[at]}`),
      `at ${checkpoints.at(-1)}`,
      "95%",
      "worst seed",
      "rank",
      "less ours, points",
      "p",
      `trained at B = ${level}b: mean error`,
      "worst seed there",
      "less ours there, points",
      "trials",
      "seconds a suggestion",
    ],
    byUniform.map((standing, i) => {
      const own = recorded.get(standing.method)!;
      const target = byTarget[i]!;
      return [
        title(standing.method),
        standing.seeds,
        ...then.map((at) => percent(meanCurve(own, "uniform")[at]!)),
        percent(standing.mean),
        intervalOf(standing),
        optionalPercent(standing.worst),
        standing.rank ?? "–",
        shiftOf(standing.difference, digits),
        standing.p ?? "–",
        percent(target.mean),
        optionalPercent(target.worst),
        shiftOf(target.difference, digits),
        Math.round(median(own.map(({ cost }) => cost.length))),
        median(own.map(({ suggestionSeconds }) => suggestionSeconds)),
      ];
    }),
  );
}

/**
 * How the methods stand where their last recommendations were trained anew.
 *
 * @param judged - with real errors
 * @param emulated - the same studies, with the emulator's
 */
export function retrainedTable(judged: Studies, emulated: Studies, reference: string): string {
  const recorded = studiesByMethod(judged);
  if (recorded.size === 0) return "None is trained yet.";
  const title = titles(judged);
  const expected = studiesByMethod(emulated);
  const all = standings(recorded, "uniform", reference);
  const digits = decimalsOf(lowestOf(all));
  return markdownTable(
    ["method", "seeds", "mean error, trained", "95%", "the emulator's", "worst seed", "rank", "less ours, points", "p"],
    all.map((standing) => {
      const seeds = new Set(recorded.get(standing.method)!.map(({ seed }) => seed));
      const own = expected.get(standing.method)!.filter(({ seed }) => seeds.has(seed));
      return [
        title(standing.method),
        standing.seeds,
        percent(standing.mean),
        intervalOf(standing),
        percent(meanCurve(own, "uniform").at(-1)!),
        optionalPercent(standing.worst),
        standing.rank ?? "–",
        shiftOf(standing.difference, digits),
        standing.p ?? "–",
      ];
    }),
  );
}

/** Errors above the lowest mean that any method ends at, as shares. */
const margins = [0.02, 0.01, 0.005];
/** Where that is small. */
const smallMargins = [0.002, 0.001, 0.0005];

/** How soon each method's recommendations come to given errors. @param yardstick - the method whose error at its end is one of them */
export function reachTable(
  studies: Studies,
  checkpoints: readonly number[],
  judge: Judge,
  yardstick: { readonly name: string; readonly title: string },
): string {
  const recorded = studiesByMethod(studies);
  const ends = new Map([...recorded].map(([name, own]) => [name, meanCurve(own, judge).at(-1)!]));
  const lowest = Math.min(...ends.values());
  const goals = [
    ...(isSmall(lowest) ? smallMargins : margins).map(
      (margin) => [`${points(margin, { digits: decimalsOf(lowest) })} above the lowest`, lowest + margin] as const,
    ),
    ...(ends.has(yardstick.name) ? [[`${yardstick.title}'s at its end`, ends.get(yardstick.name)!] as const] : []),
  ];
  const title = titles(studies);
  return markdownTable(
    ["method", ...goals.map(([name, goal]) => `${percent(goal)}: ${name}`)],
    [...recorded].map(([name, own]) => [
      title(name),
      ...goals.map(([, goal]) => {
        const { cost, studies: count } = reach(own, judge, goal, checkpoints);
        return `${Number.isFinite(cost) ? cost : "–"} (${count} of ${own.length})`;
      }),
    ]),
  );
}

function titles(studies: Studies): (name: string) => string {
  return (name) => studies.find(([method]) => method.name === name)![0].title;
}

function lowestOf(all: readonly Standing[]): number {
  return Math.min(...all.map(({ mean }) => mean));
}

function intervalOf({ interval }: Standing): string {
  return interval ? interval.map((end) => percent(end)).join(" to ") : "–";
}

function optionalPercent(share: number | undefined): string {
  return share === undefined ? "–" : percent(share);
}

function shiftOf(shift: Shift | undefined, digits: number): string {
  if (!shift) return "–";
  const estimate = points(shift.estimate, { digits, signed: true });
  if (!shift.interval.every(Number.isFinite)) return estimate;
  const [low, high] = shift.interval.map((end) => points(end, { digits, signed: true }));
  return `${estimate} (${low} to ${high})`;
}
