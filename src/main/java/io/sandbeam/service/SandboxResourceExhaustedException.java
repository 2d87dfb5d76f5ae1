package io.sandbeam.service;

import java.time.Duration;

/** A quota or a limit of the machine is reached; nothing was done. Retryable, later. */
public final class SandboxResourceExhaustedException extends SandboxException {
  private static final long serialVersionUID = 1;

  /**
   * @param retryAfter the service's own hint, or null
   */
  public SandboxResourceExhaustedException(String message, Throwable cause, Duration retryAfter) {
    super(message, cause, true, Effect.NONE, retryAfter);
  }
}
