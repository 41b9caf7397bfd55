import { expect, it } from "vitest";
import { fitStudy } from "./model-fit.ts";
import { studyData } from "./study-data.ts";
import { createStudyScorer } from "./study-scorer.ts";
import { createLocalSurrogate } from "./testing/local-surrogate.ts";
import { observeSobol, space } from "./testing/problem.ts";

const { signal } = new AbortController();

it("lets others have the event loop while representers are chosen", async () => {
  const data = studyData({ space, algorithm: { kind: "entropy-search" }, seed: "1", observations: observeSobol(8) });
  const surrogate = await fitStudy(createLocalSurrogate(), data, {}, signal);
  let turns = 0;
  setImmediate(() => turns++);
  const { candidates, x: evaluated, rng } = data;
  await createStudyScorer({
    surrogate,
    space: candidates,
    evaluated,
    pending: [],
    constraints: [],
    options: {},
    rng,
    signal,
  });
  expect(turns).toBe(1);
});
