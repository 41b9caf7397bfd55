package dev.superbatch;

/** The optimizer says: stop now and complete the trial with what has been measured. */
public final class StopEarlyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What was said. */
  public StopEarlyException(String message) {
    super(message);
  }
}
