import { atLeast, type Bar } from "../benchmark.ts";
import { methods } from "./methods.ts";
import { problems } from "./problems.ts";
import { budgets, type Summary } from "./summary.ts";

/** Of each method on each problem. */
const wantedSeeds = 20;

/** Regret below this share of random search's mean at the first budget counts as solved: no method is then better for being lower still. */
export const solvedShare = 1e-3;

/**
 * On how many problems ours is best or tied at the last budget, and over how much that was looked at. A problem counts only if ours is recorded there for as many seeds as each rival;
 * rivals of fewer seeds count too, whose worst is the lower for it.
 */
export function regretBars(summaries: readonly Summary[]): Bar[] {
  const ours = methods.find(({ role }) => role === "ours")!.name;
  let means = 0;
  let worsts = 0;
  for (const { name: problem } of problems) {
    const cells = summaries.filter((cell) => cell.problem === problem && cell.budget === budgets.at(-1));
    const mine = cells.find(({ method }) => method === ours);
    if (!mine) continue;
    const rivals = cells.filter(({ method }) => method !== ours);
    if (rivals.some(({ seeds }) => seeds > mine.seeds)) continue;
    const solved = solvedBelow(summaries, problem);
    if (rivals.every((rival) => mine.mean <= solved || mine.interval[0] <= rival.interval[1])) means++;
    if (rivals.every((rival) => mine.worst <= Math.max(rival.worst, solved))) worsts++;
  }
  const others = methods.filter(({ name }) => name !== ours);
  const seedsOf = (method: string, problem: string) =>
    summaries.find((cell) => cell.method === method && cell.problem === problem)?.seeds ?? 0;
  const whole = others.filter(({ name }) =>
    problems.every((problem) => seedsOf(name, problem.name) >= Math.max(wantedSeeds, seedsOf(ours, problem.name))),
  );
  return [
    atLeast("problems of six on which entropy search per cost is best or tied on mean regret", means, 5),
    atLeast("problems of six on which it is best or tied on the worst seed", worsts, 4),
    atLeast(
      `rivals of ${others.length} that are recorded for ${wantedSeeds} seeds of all six`,
      whole.length,
      others.length,
    ),
  ];
}

/** Regret at which a problem counts as solved; 0 if random search is not recorded. */
export function solvedBelow(summaries: readonly Summary[], problem: string): number {
  const random = summaries.find(
    (cell) => cell.problem === problem && cell.method === "random" && cell.budget === budgets[0],
  );
  return random ? solvedShare * random.mean : 0;
}
