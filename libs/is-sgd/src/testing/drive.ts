import type { Sampler } from "../sampler.ts";
import type { Task, TrainTask } from "../task.ts";

/** A gradient step that a sampler led to. */
export interface Step extends TrainTask {
  /** Whether its mini-batch was drawn from a scored super-batch. */
  readonly importance: boolean;
}

/**
 * Does what a sampler says, as a training loop would.
 *
 * @param scoreOf - score of an example when asked in `round`
 * @param steps - gradient steps to take
 * @param pending - the task to begin with; absent: the sampler's next
 * @returns the steps, and the task that came after the last
 */
export async function drive(
  sampler: Sampler,
  scoreOf: (index: number, round: number) => number,
  steps: number,
  pending?: Task,
): Promise<{ steps: Step[]; next: Task }> {
  const taken: Step[] = [];
  let task = pending ?? (await sampler.next());
  while (taken.length < steps) {
    const { round } = task;
    if (task.action === "train") taken.push({ ...task, importance: task.scores === "none" });
    const scores = Float32Array.from(task.indices, (index) => scoreOf(index, round));
    task = await sampler.next(task.scores === "none" ? undefined : scores);
  }
  return { steps: taken, next: task };
}
