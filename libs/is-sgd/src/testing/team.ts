import type { SamplerSession } from "../session.ts";
import type { Delivery, Task, TrainTask } from "../task.ts";

/** Workers of one session, simulated in turn: the tests' stand-in for real ones. */
export interface Team {
  join(worker: string, shards?: readonly number[]): void;
  leave(worker: string): void;
  /** Lets one worker do its next task. @returns the task, or undefined if it has to wait */
  step(worker: string): Task | undefined;
  /** Lets the workers take turns, in a fixed order, until `rounds` rounds are complete. */
  run(rounds: number): void;
  readonly workers: readonly string[];
  /** Gradient-step tasks done so far, with who did them. */
  readonly trained: readonly { readonly worker: string; readonly task: TrainTask }[];
}

export function createTeam(session: SamplerSession, scoreOf: (index: number, round: number) => number): Team {
  const queues = new Map<string, Task[]>();
  const trained: { worker: string; task: TrainTask }[] = [];
  const take = (deliveries: readonly Delivery[]) => {
    for (const { worker, answer } of deliveries) queues.get(worker)?.push(...answer.tasks);
  };
  function step(worker: string): Task | undefined {
    const task = queues.get(worker)?.shift();
    if (!task) return undefined;
    if (task.action === "train") trained.push({ worker, task });
    const scores = Float32Array.from(task.indices, (index) => scoreOf(index, task.round));
    if (task.scores !== "none") take(session.report(worker, { round: task.round, part: task.part, scores }));
    return task;
  }
  return {
    trained,
    get workers() {
      return [...queues.keys()];
    },
    join(worker, shards = []) {
      queues.set(worker, []);
      take(session.join({ worker, shards }));
    },
    leave(worker) {
      queues.delete(worker);
      take(session.leave(worker));
    },
    step,
    run(rounds) {
      while (session.status().rounds < rounds) {
        const busy = [...queues.keys()].filter((worker) => step(worker));
        if (busy.length === 0) throw new Error("all workers wait: the session is stuck");
      }
    },
  };
}
