package io.sandbeam.service;

import java.time.Duration;
import java.util.Objects;

/** A snapshot could not be taken, read, restored or deleted. */
public final class SandboxSnapshotException extends SandboxException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** Why. */
  public enum Reason {
    NOT_FOUND,
    NOT_READY,
    NOT_SUPPORTED,
    SIZE_EXCEEDED,
    QUOTA_EXCEEDED,
    RESTORE_FAILED,
    CREATE_FAILED,
    THROTTLED
  }

  public SandboxSnapshotException(Reason reason, String message, Throwable cause) {
    this(reason, message, cause, null);
  }

  /**
   * @param retryAfter the service's own hint, or null
   */
  public SandboxSnapshotException(
      Reason reason, String message, Throwable cause, Duration retryAfter) {
    super(message, cause, reason == Reason.THROTTLED, Effect.NONE, retryAfter);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  public Reason reason() {
    return reason;
  }
}
