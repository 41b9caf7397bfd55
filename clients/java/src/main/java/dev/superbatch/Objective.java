package dev.superbatch;

/** What a study optimizes. */
@FunctionalInterface
public interface Objective {
  /**
   * Evaluates a trial.
   *
   * @throws InfeasibleException if the point cannot be evaluated
   * @throws Exception for whatever else went wrong: the trial is tried again while the study allows
   */
  Result evaluate(Trial trial) throws Exception;
}
