package io.sandbeam.service;

/** A call was not answered in time; it may have been carried out all the same. Retryable. */
public final class SandboxTimeoutException extends SandboxException {
  private static final long serialVersionUID = 1;

  public SandboxTimeoutException(String message, Throwable cause) {
    super(message, cause, true, Effect.UNKNOWN, null);
  }
}
