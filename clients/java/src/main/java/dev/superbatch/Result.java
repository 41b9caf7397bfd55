package dev.superbatch;

import dev.superbatch.common.v1.Cost;
import java.util.Map;

/**
 * What a trial was evaluated to.
 *
 * @param value of the study's metric
 * @param cost by phase, in the study's unit; null: the seconds since the lease
 * @param metrics other values by name
 * @param stoppedEarly whether the value is of where the trial was stopped
 */
public record Result(double value, Cost cost, Map<String, Double> metrics, boolean stoppedEarly) {
  /** A value, at the cost of the seconds since the lease. */
  public static Result of(double value) {
    return new Result(value, null, Map.of(), false);
  }

  /** A value and its whole cost. */
  public static Result of(double value, double cost) {
    return new Result(value, Cost.newBuilder().setTotal(cost).build(), Map.of(), false);
  }
}
