import { describe, expect, it } from "vitest";
import { createSession, restoreSession } from "./session.ts";
import type { SessionSpec } from "./spec.ts";
import { createTeam } from "./testing/team.ts";

const spec: SessionSpec = { examples: 60, batchSize: 10, superBatchSize: 30, threshold: 1.05, seed: 4 };
const scoreOf = (index: number) => (index % 6) + 0.5;
const names = (count: number) => Array.from({ length: count }, (_, k) => `w${k}`);

/** The mini-batches of a session of `workers` workers, each as sorted "index:weight". */
function miniBatches(workers: number, rounds: number, extra: Partial<SessionSpec> = {}): string[][] {
  const team = createTeam(createSession({ ...spec, workers, ...extra }), scoreOf);
  for (const worker of names(workers)) team.join(worker);
  team.run(rounds + 2);
  return Array.from({ length: rounds }, (_, round) =>
    team.trained
      .filter(({ task }) => task.round === round)
      .flatMap(({ task }) => Array.from(task.indices, (index, k) => `${index}:${task.weights[k].toFixed(5)}`))
      .sort(),
  );
}

describe("workers of one session", () => {
  it.each([2, 7])("%i together train exactly what one would", (workers) => {
    for (const scheme of ["uniform", "upper-bound", "loss-history"] as const)
      expect(miniBatches(workers, 40, { scheme })).toEqual(miniBatches(1, 40, { scheme }));
    expect(miniBatches(workers, 40, { prefetch: 1 })).toEqual(miniBatches(1, 40, { prefetch: 1 }));
  });

  it("get equal shares of super-batch and mini-batch", () => {
    const team = createTeam(createSession({ ...spec, workers: 7 }), scoreOf);
    for (const worker of names(7)) team.join(worker);
    team.run(40);
    for (const round of [5, 30]) {
      const sizes = team.trained.filter(({ task }) => task.round === round).map(({ task }) => task.indices.length);
      expect(sizes.reduce((a, b) => a + b, 0)).toBe(10);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(2);
    }
  });

  it("train mostly on what they have scored, and are told where it lies", () => {
    const team = createTeam(createSession({ ...spec, workers: 2, threshold: 0 }), scoreOf);
    for (const worker of names(2)) team.join(worker);
    const scored = new Map<string, Uint32Array>();
    for (let k = 0; k < 100; k++)
      for (const worker of names(2)) {
        const task = team.step(worker);
        if (task?.action === "score") scored.set(worker, task.indices);
        if (task?.action !== "train" || !task.positions) continue;
        const own = task.positions.filter((position) => position >= 0);
        expect(own.length).toBeGreaterThanOrEqual(1);
        for (const [k, position] of task.positions.entries())
          if (position >= 0) expect(scored.get(worker)![position]).toBe(task.indices[k]);
      }
    expect(scored.size).toBe(2);
  });

  it("the first round waits until as many have joined as the spec says", () => {
    const session = createSession({ ...spec, workers: 3 });
    expect(session.join({ worker: "a", shards: [] })).toEqual([]);
    expect(session.join({ worker: "b", shards: [] })).toEqual([]);
    expect(session.join({ worker: "c", shards: [] }).map(({ worker }) => worker)).toEqual(["a", "b", "c"]);
  });
});

describe("joining and leaving", () => {
  it("what a worker that disappeared had left to score goes to the others, so the draw stays the same", () => {
    const session = createSession({ ...spec, workers: 3, threshold: 0 });
    const team = createTeam(session, scoreOf);
    for (const worker of names(3)) team.join(worker);
    team.run(4);
    const alone = createTeam(createSession({ ...spec, threshold: 0 }), scoreOf);
    alone.join("w0");
    alone.run(6);
    const round = session.status().rounds;
    expect(session.outstanding("w2")).toMatchObject([{ action: "score", round }]);
    team.leave("w2");
    team.run(round + 2);
    const indicesOf = (t: typeof team) =>
      t.trained
        .filter(({ task }) => task.round === round)
        .flatMap(({ task }) => [...task.indices])
        .sort((a, b) => a - b);
    expect(indicesOf(team)).toEqual(indicesOf(alone));
  });

  it("what workers are handed as others leave is to be reported in the order in which it came, also after a rebuilding", () => {
    const own = { ...spec, workers: 4, threshold: 0, prefetch: 1 };
    const session = createSession(own);
    const team = createTeam(session, scoreOf);
    for (const worker of names(4)) team.join(worker);
    team.run(6);
    team.leave("w3");
    team.leave("w2");
    const copy = restoreSession(own, session.token());
    for (const worker of ["w0", "w1"]) {
      const parts = session.outstanding(worker).map(({ round, part }) => `${round}/${part}`);
      expect(parts.length).toBeGreaterThan(3);
      expect(copy.outstanding(worker)).toEqual(session.outstanding(worker));
    }
    team.run(20);
  });

  it("when all have left the session rests, and goes on with whoever joins", () => {
    const session = createSession(spec);
    const team = createTeam(session, scoreOf);
    team.join("a");
    team.run(5);
    team.leave("a");
    const rested = session.status().rounds;
    team.join("b");
    team.run(rested + 5);
    expect(team.trained.at(-1)).toMatchObject({ worker: "b" });
  });

  it("an unknown worker cannot report, a known one cannot join again, and leaving twice is no error", () => {
    const session = createSession(spec);
    session.join({ worker: "a", shards: [] });
    expect(() => session.join({ worker: "a", shards: [] })).toThrow(expect.objectContaining({ field: "worker" }));
    expect(() => session.report("b", { round: 0, part: 0, scores: [] })).toThrow(
      expect.objectContaining({ field: "worker" }),
    );
    session.leave("a");
    expect(session.leave("a")).toEqual([]);
  });

  it("reports out of order are refused and change nothing", () => {
    const session = createSession({ ...spec, prefetch: 1 });
    session.join({ worker: "a", shards: [] });
    const scores = new Float32Array(10).fill(1);
    const before = session.token();
    expect(() => session.report("a", { round: 1, part: 0, scores })).toThrow(
      expect.objectContaining({ field: "round" }),
    );
    expect(() => session.report("a", { round: 0, part: 1, scores })).toThrow(
      expect.objectContaining({ field: "part" }),
    );
    expect(session.token()).toEqual(before);
    session.report("a", { round: 0, part: 0, scores });
    session.report("a", { round: 1, part: 0, scores });
    expect(session.status().rounds).toBe(2);
  });
});

describe("shards", () => {
  const shards = [
    { start: 0, end: 20 },
    { start: 20, end: 30 },
    { start: 30, end: 60 },
  ];
  const holds: Record<string, readonly number[]> = { a: [0], b: [1, 2], c: [2] };

  it.each(["uniform", "upper-bound", "loss-history"] as const)(
    "%s: an index appears only where its shard has it",
    (scheme) => {
      const team = createTeam(createSession({ ...spec, scheme, shards, workers: 3, threshold: 0 }), scoreOf);
      for (const [worker, held] of Object.entries(holds)) team.join(worker, held);
      const given = new Map<string, Set<number>>();
      for (let k = 0; k < 600; k++)
        for (const worker of team.workers) {
          const seen = given.get(worker) ?? new Set();
          for (const index of team.step(worker)?.indices ?? []) seen.add(index);
          given.set(worker, seen);
        }
      for (const [worker, held] of Object.entries(holds)) {
        const reachable = held.flatMap((s) =>
          Array.from({ length: shards[s].end - shards[s].start }, (_, k) => shards[s].start + k),
        );
        expect([...given.get(worker)!].sort((x, y) => x - y)).toEqual(reachable);
      }
    },
  );

  it("that nobody holds any more are left out, and estimates are of the rest", () => {
    const session = createSession({ ...spec, shards, threshold: 0 });
    const team = createTeam(session, scoreOf);
    team.join("a", [0]);
    team.join("b", [2]);
    team.run(3);
    const start = team.trained.length;
    team.run(3000);
    const sums = new Float64Array(60);
    const squares = new Float64Array(60);
    let draws = 0;
    for (const { task } of team.trained.slice(start + 4))
      for (const [k, index] of task.indices.entries()) {
        sums[index] += task.weights[k];
        squares[index] += task.weights[k] ** 2;
        draws++;
      }
    for (let i = 0; i < 60; i++) {
      if (i >= 20 && i < 30) expect(sums[i]).toBe(0);
      else expect(Math.abs(sums[i] - draws / 50)).toBeLessThan(4.5 * Math.sqrt(squares[i]));
    }
  });

  it("that do not exist are refused", () => {
    const session = createSession({ ...spec, shards });
    expect(() => session.join({ worker: "a", shards: [0, 3] })).toThrow(
      expect.objectContaining({ field: "shards[1]" }),
    );
  });
});

describe("a token", () => {
  const { threshold: _, ...free } = spec;
  it.each<SessionSpec>([spec, { ...spec, prefetch: 1 }, { ...free, adaptive: { max: 60 }, costRatio: 30 }])(
    "continues the session exactly (%o)",
    (own) => {
      const original = createSession(own);
      const team = createTeam(original, scoreOf);
      team.join("a");
      team.run(35);
      const token = original.token();
      expect(token.length).toBeLessThan(500);
      const copy = restoreSession(own, token);
      expect(copy.status()).toEqual(original.status());
      const lead = original.outstanding("a");
      expect(copy.outstanding("a")).toEqual(lead);
      for (let k = 0; k < 20; k++) {
        const [task] = original.outstanding("a");
        const report = { round: task.round, part: task.part, scores: Float32Array.from(task.indices, scoreOf) };
        expect(copy.report("a", report)).toEqual(original.report("a", report));
      }
    },
  );

  it("holds the members and who among them was handed what", () => {
    const session = createSession({ ...spec, workers: 2, prefetch: 1 });
    const team = createTeam(session, scoreOf);
    for (const worker of names(2)) team.join(worker);
    team.run(20);
    team.join("late");
    team.run(21);
    const copy = restoreSession({ ...spec, workers: 2, prefetch: 1 }, session.token());
    expect(copy.members()).toEqual(session.members());
    // What was reported since the token is reported again; who came late has a task of the newest round only.
    const roundsOf = (worker: string) => copy.outstanding(worker).map(({ round }) => round);
    expect([roundsOf("w0"), roundsOf("w1"), roundsOf("late")]).toEqual([[21, 22], [21, 22], [22]]);
  });
});
