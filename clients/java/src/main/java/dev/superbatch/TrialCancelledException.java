package dev.superbatch;

/** The optimizer says: stop now and report nothing more; the lease is lost, or the trial or study is gone. */
public final class TrialCancelledException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What was said. */
  public TrialCancelledException(String message) {
    super(message);
  }
}
