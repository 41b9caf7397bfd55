import type { Answer, HistoryRecords, Report, ResolvedSpec, Task } from "@superbatch/is-sgd";
import type { RecordArrays } from "./wire.ts";

/**
 * What a worker keeps so that its session can be rebuilt: the reports of its latest rounds, and with `loss-history` the last loss that it reported of
 * each example (8 bytes per example).
 */
export interface WorkerMemory {
  /** Takes note of tasks that came, and returns those that had not come before. */
  tasksSeen(tasks: readonly Task[]): Task[];
  reported(task: Task, report: Report): void;
  /** Takes note of the complete rounds: older reports are forgotten or become records. */
  answered(status: Answer["status"]): void;
  /** To send again after a reconnection, oldest first. */
  reports(): readonly Report[];
  /** Records of rounds that no report is kept of, and those of kept reports; empty unless the scheme is `loss-history`. */
  records(): RecordArrays;
}

/** @param known - records of a worker whose place this one takes */
export function createWorkerMemory(spec: ResolvedSpec, known?: HistoryRecords): WorkerMemory {
  const kept: { task: Task; report: Report }[] = [];
  let seen: Task[] = [];
  const history = spec.scheme === "loss-history";
  const losses = new Float32Array(history ? spec.examples : 0);
  const steps = new Uint32Array(history ? spec.examples : 0); // round + 1; 0: none
  for (let k = 0; history && known && k < known.indices.length; k++) {
    losses[known.indices[k]] = known.losses[k];
    steps[known.indices[k]] = known.steps[k] + 1;
  }
  return {
    tasksSeen(tasks) {
      const fresh = tasks.filter((task) => !seen.some((known) => sameTask(known, task)));
      seen.push(...fresh);
      return fresh;
    },
    reported(task, report) {
      kept.push({ task, report });
    },
    answered({ rounds }) {
      // Another worker may be as many rounds behind as are handed out at a time, and need our reports of them again.
      const oldest = rounds - 1 - spec.prefetch;
      while (kept.length > 0 && kept[0].report.round < oldest) {
        const { task, report } = kept.shift()!;
        if (!history) continue;
        for (let k = 0; k < report.scores.length; k++) {
          losses[task.indices[k]] = report.scores[k];
          steps[task.indices[k]] = report.round + 1;
        }
      }
      if (seen.length > 0 && seen[0].round < oldest - 2) seen = seen.filter(({ round }) => round >= oldest - 2);
    },
    reports: () => kept.map(({ report }) => report),
    records() {
      const indices = Uint32Array.from(steps.keys()).filter((i) => steps[i] > 0);
      const recent = history ? kept : [];
      const parts = {
        indices: [indices, ...recent.map(({ task }) => task.indices)],
        losses: [Float32Array.from(indices, (i) => losses[i]), ...recent.map(({ report }) => report.scores)],
        steps: [
          Uint32Array.from(indices, (i) => steps[i] - 1),
          ...recent.map(({ report }) => new Uint32Array(report.scores.length).fill(report.round)),
        ],
      };
      return {
        indices: Uint32Array.from(concatenate(parts.indices)),
        losses: Float32Array.from(concatenate(parts.losses)),
        steps: Uint32Array.from(concatenate(parts.steps)),
      };
    },
  };
}

function concatenate(parts: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function sameTask(a: Task, b: Task): boolean {
  return a.round === b.round && a.action === b.action && a.part === b.part;
}
