/** The optimizer says: stop now and complete the trial with what has been measured. */
export class StopEarly extends Error {
  override readonly name = "StopEarly";
}

/** The optimizer says: stop now and report nothing more; the lease is lost, or the trial or study is gone. */
export class TrialCancelled extends Error {
  override readonly name = "TrialCancelled";
}

/** There will be no more trials unless budget is added. */
export class StudyCompleted extends Error {
  override readonly name = "StudyCompleted";
}

/** Thrown by an objective: the point cannot be evaluated, and the study learns to avoid it. */
export class Infeasible extends Error {
  override readonly name = "Infeasible";
}
