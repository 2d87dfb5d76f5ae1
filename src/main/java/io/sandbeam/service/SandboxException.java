package io.sandbeam.service;

import java.time.Duration;
import java.util.Optional;

/**
 * Something could not be done with a sandbox. The message says what, with the value that was wrong
 * and what to do about it.
 *
 * <p>Unchecked, because most callers see it as the cause of a failed future. The subclass says what
 * kind of failure it is; {@link #retryable()} whether asking again may help, {@link #effect()} what
 * the failed call may have done all the same.
 */
public class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean retryable;
  private final Effect effect;
  private final Duration retryAfter;

  /** A failure that asking again will not mend, and that certainly changed nothing. */
  public SandboxException(String message) {
    this(message, null, false, Effect.NONE, null);
  }

  /** As {@link #SandboxException(String)}, with its cause. */
  public SandboxException(String message, Throwable cause) {
    this(message, cause, false, Effect.NONE, null);
  }

  protected SandboxException(
      String message, Throwable cause, boolean retryable, Effect effect, Duration retryAfter) {
    super(message);
    if (cause != null) {
      initCause(cause); // and not super(message, null), after which no cause could be added
    }
    this.retryable = retryable;
    this.effect = effect;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed later: the infrastructure failed, not the request. */
  public final boolean retryable() {
    return retryable;
  }

  /** What the failed call may have done. */
  public final Effect effect() {
    return effect;
  }

  /** How long the service asks to wait before the next try. */
  public final Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
