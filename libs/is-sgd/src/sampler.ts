import { FieldError } from "./field-error.ts";
import type { HistoryRecords } from "./loss-history.ts";
import { createSession, restoreSession } from "./session.ts";
import type { SessionSpec } from "./spec.ts";
import type { Answer, Report, SessionStatus, Task } from "./task.ts";

/**
 * A worker's view of a session, the same in process ({@link createLocalSampler}) and over the network.
 *
 *     let task = await sampler.next();
 *     for (let step = 0; step < steps; ) {
 *       const scores = task.action === "score" ? score(task.indices) : train(task.indices, task.weights);
 *       if (task.action === "train") step++;
 *       task = await sampler.next(task.scores === "none" ? undefined : scores);
 *     }
 */
export interface Sampler {
  /**
   * The next task, in the order in which tasks are to be done.
   *
   * @param scores - of the task returned last, one per index, finite, at least 0: must be given where that task says `required`, may be where it says `optional`
   * @throws {FieldError} if scores are missing, superfluous or wrong. Nothing has changed then: the call may be repeated with right ones.
   */
  next(scores?: ArrayLike<number>): Promise<Task>;
  /** The task that {@link next} will return, if it is known already: its examples can be read while the last one's step runs. */
  upcoming(): Task | undefined;
  /** The session as of the last answer; undefined before the first. */
  status(): SessionStatus | undefined;
  /** State after the last answer, to continue the session elsewhere; undefined before the first. */
  token(): Uint8Array | undefined;
  /** With the scheme `loss-history`: a copy of the losses that it goes on with, which belong to the token; else undefined. */
  records(): HistoryRecords | undefined;
  /** Leaves the session. The sampler cannot be used afterwards. Safe to repeat. */
  close(): Promise<void>;
}

/**
 * A session of its own in process, with this sampler as its only worker.
 *
 * @param token - of a sampler with the same spec, to go on behind it: the tasks that were to be reported on then come again, a mini-batch that came
 *   together with the token does not
 * @param records - with the scheme `loss-history`: recorded losses that belong to the token; without them unknown losses fall back to the mean
 * @throws {FieldError} if spec or token are wrong
 */
export function createLocalSampler(spec: SessionSpec, token?: Uint8Array, records?: HistoryRecords): Sampler {
  const session = token ? restoreSession(spec, token, records) : createSession(spec);
  if (session.spec.workers !== 1) throw new FieldError("workers", "must be 1 for a sampler in process");
  const worker = "0";
  const queue: Task[] = token ? session.outstanding(worker) : [];
  let last: Task | undefined;
  let answer: Answer | undefined;
  let closed = false;
  const take = (deliveries: readonly { readonly answer: Answer }[]) => {
    for (const delivery of deliveries) {
      answer = delivery.answer;
      queue.push(...answer.tasks);
    }
  };
  return {
    async next(scores) {
      if (closed) throw new Error("the sampler is closed");
      if (session.members().length === 0) take(session.join({ worker, shards: [] }));
      const report = reportOf(last, scores);
      if (report) take(session.report(worker, report));
      last = queue.shift();
      if (!last) throw new Error("the session has no task; this is a defect");
      return last;
    },
    upcoming: () => queue[0],
    status: () => answer?.status,
    token: () => answer?.token ?? token,
    records: () => session.records(),
    async close() {
      closed = true;
    },
  };
}

/**
 * The report that the call of {@link Sampler.next} after `task` makes, if any.
 *
 * @throws {FieldError} naming `scores` if they are missing or superfluous
 */
export function reportOf(task: Task | undefined, scores: ArrayLike<number> | undefined): Report | undefined {
  if (!task || task.scores === "none") {
    if (scores) throw new FieldError("scores", "must be left out: the last task asked for none");
    return undefined;
  }
  if (task.scores === "required" && !scores)
    throw new FieldError(
      "scores",
      `must hold ${task.indices.length} values for round ${task.round}: they are required`,
    );
  return { round: task.round, part: task.part, scores: scores ?? [] };
}
