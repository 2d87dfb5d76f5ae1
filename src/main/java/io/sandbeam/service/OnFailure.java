package io.sandbeam.service;

/** What becomes of a command that did not succeed. */
public enum OnFailure {
  /** Its result is returned like any other. */
  RETURN,
  /** A SandboxExecutionException with the whole result is thrown. */
  THROW
}
