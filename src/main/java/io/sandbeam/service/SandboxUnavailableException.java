package io.sandbeam.service;

import java.time.Duration;

/** The service, or the way to it, is down for now. Retryable. */
public final class SandboxUnavailableException extends SandboxException {
  private static final long serialVersionUID = 1;

  /**
   * @param effect {@link Effect#UNKNOWN} when the call may have been carried out all the same
   * @param retryAfter the service's own hint, or null
   */
  public SandboxUnavailableException(
      String message, Throwable cause, Effect effect, Duration retryAfter) {
    super(message, cause, true, effect, retryAfter);
  }
}
