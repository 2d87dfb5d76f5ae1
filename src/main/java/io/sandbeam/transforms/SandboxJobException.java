package io.sandbeam.transforms;

import org.checkerframework.checker.nullness.qual.Nullable;

/** A pipeline failed, or left sandboxes behind. */
public final class SandboxJobException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient @Nullable JobResult result;

  SandboxJobException(String message, @Nullable Throwable cause, @Nullable JobResult result) {
    super(message, cause);
    this.result = result;
  }

  /** The whole result; null after the exception was serialized. */
  public @Nullable JobResult result() {
    return result;
  }
}
