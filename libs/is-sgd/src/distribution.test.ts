import { describe, expect, it } from "vitest";
import { createSession } from "./session.ts";
import type { Scheme, SessionSpec } from "./spec.ts";
import { chiSquareTail } from "./testing/chi-square.ts";
import { createTeam, type Team } from "./testing/team.ts";

const examples = 60;
const batchSize = 10;
const spec: SessionSpec = { examples, batchSize, superBatchSize: 30, threshold: 0, seed: 9 };
const scoreOf = (index: number) => (index % 6) + 0.5;
const schemes: readonly Scheme[] = ["uniform", "upper-bound", "loss", "loss-history"];

/** A team that keeps the super-batches which its workers were given to score, by round. */
function watchedTeam(own: SessionSpec) {
  const session = createSession(own);
  const superBatches = new Map<number, Map<string, number[]>>();
  const team = createTeam(session, scoreOf);
  const step = (worker: string) => {
    const task = team.step(worker);
    if (task?.action !== "score") return;
    const parts = superBatches.get(task.round) ?? new Map<string, number[]>();
    parts.set(`${worker}/${task.part}`, [...task.indices]);
    superBatches.set(task.round, parts);
  };
  /** Turns of all workers until so many more rounds are complete. */
  const run = (rounds: number) => {
    const end = session.status().rounds + rounds;
    while (session.status().rounds < end) for (const worker of team.workers) step(worker);
  };
  return { session, team, superBatches, step, run };
}

/** All rounds with the same workers. */
function steady(scheme: Scheme, workers: number, prefetch: number) {
  const watched = watchedTeam({ ...spec, scheme, workers, prefetch });
  for (let k = 0; k < workers; k++) watched.team.join(`w${k}`);
  watched.run(2000);
  return watched;
}

/** 1, 2 and 7 workers in turn: they leave in the middle of a round, when some have reported and others have not, and others come. */
function changing(scheme: Scheme, prefetch: number) {
  const watched = watchedTeam({ ...spec, scheme, prefetch });
  const { team, step, run } = watched;
  team.join("w0");
  for (let phase = 1; phase <= 360; phase++) {
    const wanted = [1, 2, 7][phase % 3];
    while (team.workers.length < wanted) team.join(`w${phase}-${team.workers.length}`);
    while (team.workers.length > wanted) {
      step(team.workers[0]);
      team.leave(team.workers.at(-1)!);
    }
    run(5);
  }
  return watched;
}

/** Each example's weights sum to its share of the draws: estimates are unbiased. */
function expectUnbiased(team: Team): void {
  const sums = new Float64Array(examples);
  const squares = new Float64Array(examples);
  let draws = 0;
  for (const { task } of team.trained)
    for (const [k, index] of task.indices.entries()) {
      sums[index] += task.weights[k];
      squares[index] += task.weights[k] ** 2;
      draws++;
    }
  expect(draws).toBeGreaterThan(10_000);
  for (let i = 0; i < examples; i++)
    expect(Math.abs(sums[i] - draws / examples)).toBeLessThan(4.5 * Math.sqrt(squares[i]));
}

/** Draws go by the scores of the super-batches that they were drawn from; uniform ones evenly. */
function expectDistributed({ team, superBatches }: ReturnType<typeof watchedTeam>, scheme: Scheme): void {
  const counts = new Float64Array(examples);
  const expected = new Float64Array(examples);
  let draws = 0;
  for (const { task } of team.trained) {
    if (scheme !== "uniform" && !task.positions) continue;
    for (const index of task.indices) counts[index]++;
    draws += task.indices.length;
  }
  if (scheme === "uniform") expected.fill(draws / examples);
  else {
    for (const parts of superBatches.values()) {
      const indices = [...parts.values()].flat();
      const total = indices.reduce((sum, index) => sum + scoreOf(index), 0);
      for (const index of indices) expected[index] += scoreOf(index) / total;
    }
    // Shares of workers that had left by then were not trained on; which examples those are does not depend on their scores.
    const scale = draws / expected.reduce((a, b) => a + b, 0);
    for (let i = 0; i < examples; i++) expected[i] *= scale;
  }
  expect(chiSquareTail(counts, expected)).toBeGreaterThan(0.001);
}

describe("draws of a session", () => {
  // With loss history each step has probabilities of its own: the history's tests compare them, here the weights tell.
  describe.each(schemes)("%s", (scheme) => {
    it.each([
      [1, 0],
      [2, 0],
      [7, 0],
      [7, 1],
    ])("by %i workers, prefetching %i: follow the distribution, with unbiased weights", (workers, prefetch) => {
      const watched = steady(scheme, workers, prefetch);
      expectUnbiased(watched.team);
      if (scheme !== "loss-history") expectDistributed(watched, scheme);
    });

    it.each([0, 1])("by 1, 2 and 7 workers that come and go, prefetching %i: the same", (prefetch) => {
      const watched = changing(scheme, prefetch);
      expectUnbiased(watched.team);
      if (scheme !== "loss-history") expectDistributed(watched, scheme);
    });
  });
});
