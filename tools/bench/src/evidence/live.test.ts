import { afterAll, expect, it } from "vitest";
import { recordsFile } from "../recorded/records.ts";
import { createLiveTrainings } from "./live.ts";
import { tableOf } from "./run-studies.ts";

const table = tableOf(recordsFile("digits"));
const trainings = createLiveTrainings(table, undefined);
afterAll(() => trainings.stop());

it("trainings of a live study are real, and each is done once", async () => {
  const place = { family: "share", level: 1 / 8, x: [0.05, 0.1, 0.001] } as const;
  const run = await trainings.run(place, "7 0");
  expect(run.error).toHaveLength(table.points);
  expect(run.error.at(-1)).toBeLessThan(table.guessing / 2);
  for (let i = 1; i < table.points; i++) expect(run.spent[i]).toBeGreaterThan(run.spent[i - 1]!);
  // An eighth of the data, of which a whole training with its evaluation is the unit of cost.
  expect(run.spent.at(-1)).toBeLessThan(0.5 * table.uniformSeconds);
  expect(await trainings.run(place, "7 0")).toEqual(run);
  expect((await trainings.run(place, "7 1")).error).not.toEqual(run.error);
}, 120_000);
