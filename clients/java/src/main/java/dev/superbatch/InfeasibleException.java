package dev.superbatch;

/** To be thrown by an objective whose point cannot be evaluated (out of memory, diverged): the study learns to avoid it. */
public final class InfeasibleException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What was said. */
  public InfeasibleException(String message) {
    super(message);
  }
}
