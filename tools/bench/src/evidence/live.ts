import { createRng } from "@superbatch/random";
import { type Place, paceOf, type Table } from "../emulator/table.ts";
import type { RunTask } from "../recorded/design.ts";
import { startTrainer } from "../recorded/record.ts";
import type { TrainedRun } from "../recorded/train-runs.ts";
import type { Trainings } from "./replay.ts";

/** Real trainings, one at a time, in a process of their own. */
export interface LiveTrainings extends Trainings {
  /** Test errors of trainings at a place with seeds that no trial has. */
  judge(place: Place): Promise<number[]>;
  stop(): void;
}

/** Seeds by which recommendations are judged. Those of trials are of 32 random bits, those of the recorded trainings below 10. */
const judgingSeeds = [10, 11, 12];
/** A training is given up then; none takes more than half a minute. */
const runMinutes = 20;

/**
 * Trains what an emulator would answer for. Costs are in seconds of the recorded trainings' machine: as there, those of a run are divided by its own seconds a
 * gradient step, so that what else a machine does counts for nothing.
 *
 * @param table - of the recorded trainings, on one thread
 */
export function createLiveTrainings(table: Table, dataDir: string | undefined): LiveTrainings {
  const { problem, points, guessing, pace } = table;
  const trainer = startTrainer({ problem, backend: "wasm", threads: 1, dataDir, runMinutes });
  const trained = new Map<string, Promise<TrainedRun>>();

  /** Promotions of successive halving and repeated recommendations ask for the same training again. */
  function train(place: Place, seed: number): Promise<TrainedRun> {
    const key = JSON.stringify([place, seed]);
    const known = trained.get(key);
    if (known) return known;
    const task: RunTask = { ...place, point: 0, seed };
    const run = trainer.train(task).then((finished) => {
      if (!finished) throw new Error(`a training took more than ${runMinutes} minutes: ${key}`);
      return finished;
    });
    trained.set(key, run);
    return run;
  }

  return {
    table,
    async run(place, seed) {
      const run = await train(place, createRng(seed).uint32());
      const relative = pace / paceOf(run);
      return {
        error: Array.from({ length: points }, (_, at) => run.error[at] ?? guessing),
        spent: Array.from(
          { length: points },
          (_, at) => (run.spent[at] ?? run.spent.at(-1) ?? run.gradient) * relative,
        ),
      };
    },
    async judge(place) {
      const errors: number[] = [];
      for (const seed of judgingSeeds) errors.push((await train(place, seed)).testError ?? guessing);
      return errors;
    },
    stop: () => trainer.stop(),
  };
}
