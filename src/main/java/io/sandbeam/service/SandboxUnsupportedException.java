package io.sandbeam.service;

/** The service does not offer this. */
public final class SandboxUnsupportedException extends SandboxException {
  private static final long serialVersionUID = 1;

  public SandboxUnsupportedException(String message) {
    super(message);
  }
}
