import type { Attempt, ProgressPoint } from "../attempt.ts";
import { type Cost, noCost } from "../cost.ts";
import type { NewStudy } from "../study.ts";
import type { NewTrial } from "../trial.ts";

/** Records with every field set, for tests to change what they are about. */
export const fixtures = {
  study(change: Partial<NewStudy> = {}): NewStudy {
    const spec = { objective: { metric: "error" }, note: "ü – 字", nested: [1, null, true, 1e-300, 0.1] };
    return { name: "projects/default/studies/one", project: "default", spec, ...change };
  },

  trial(change: Partial<NewTrial> = {}): NewTrial {
    const point = { rate: 0.1 + 0.2, layers: 3, optimizer: "adam", nesterov: false };
    return { point, spaceVersion: 1, explanation: { origin: "model", acquisition: 1e-12 }, ...change };
  },

  cost(total: number): Cost {
    return { ...noCost, total, gradient: total / 3 };
  },

  attempt(change: Partial<Attempt> = {}): Attempt {
    return {
      study: "projects/default/studies/one",
      trial: 1,
      number: 1,
      leaseId: "lease-1",
      worker: "worker-1",
      outcome: "open",
      reason: "",
      measurement: null,
      cost: noCost,
      late: false,
      grantedAt: 5,
      endedAt: null,
      ...change,
    };
  },

  progress(change: Partial<ProgressPoint> = {}): ProgressPoint {
    return {
      study: "projects/default/studies/one",
      trial: 1,
      attempt: 1,
      step: 10,
      metrics: { error: 0.5 },
      cost: { ...noCost, total: 1.5 },
      time: 7,
      ...change,
    };
  },
};
