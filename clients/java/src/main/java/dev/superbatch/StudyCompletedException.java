package dev.superbatch;

/** There will be no more trials unless budget is added. */
public final class StudyCompletedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What was said. */
  public StudyCompletedException(String message) {
    super(message);
  }
}
