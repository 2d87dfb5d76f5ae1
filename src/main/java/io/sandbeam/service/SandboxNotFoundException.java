package io.sandbeam.service;

/** No sandbox has this id: it never existed, or its record is no longer kept. */
public final class SandboxNotFoundException extends SandboxException {
  private static final long serialVersionUID = 1;

  public SandboxNotFoundException(String sandboxId) {
    super(
        "Sandbox "
            + Quoted.of(sandboxId)
            + " not found: it never existed, or ended and its record is gone");
  }

  /** With what the service itself said. */
  public SandboxNotFoundException(String message, Throwable cause) {
    super(message, cause);
  }
}
