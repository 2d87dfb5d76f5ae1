package io.sandbeam.service;

import java.util.Objects;

/** A command that was asked to succeed did not; the whole result is here. */
public final class SandboxExecutionException extends SandboxException {
  private static final long serialVersionUID = 1;
  private static final int SHOWN = 500;

  private final transient ExecResult result;

  public SandboxExecutionException(ExecResult result) {
    super(describe(Objects.requireNonNull(result, "result")));
    this.result = result;
  }

  /** The whole result; null after the exception was serialized. */
  public ExecResult result() {
    return result;
  }

  private static String describe(ExecResult result) {
    String errors = result.stderrUtf8().strip();
    String tail =
        errors.length() > SHOWN ? "…" + errors.substring(errors.length() - SHOWN) : errors;
    return "Command "
        + Quoted.of(result.command().get(0))
        + " ended "
        + result.outcome()
        + " with exit code "
        + result.exitCode()
        + (tail.isEmpty() ? "" : ": " + tail);
  }
}
