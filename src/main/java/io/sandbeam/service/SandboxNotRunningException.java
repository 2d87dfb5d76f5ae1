package io.sandbeam.service;

import java.util.Objects;

/**
 * The sandbox cannot take a command: it has not started, or it has ended, perhaps under the
 * command. The infrastructure's failure, not the command's: the command may be run again in another
 * sandbox.
 */
public final class SandboxNotRunningException extends SandboxException {
  private static final long serialVersionUID = 1;

  private final SandboxState state;

  public SandboxNotRunningException(String sandboxId, SandboxState state, String reason) {
    super(
        "Sandbox "
            + Quoted.of(sandboxId)
            + " is not running but "
            + state
            + (reason.isEmpty() ? "" : ": " + reason),
        null,
        true,
        Effect.UNKNOWN,
        null);
    this.state = Objects.requireNonNull(state, "state");
  }

  /** Where the sandbox stood. */
  public SandboxState state() {
    return state;
  }
}
