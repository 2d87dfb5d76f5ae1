package io.sandbeam.service;

/** The service does not know the caller, or does not allow it this call. */
public final class SandboxAuthenticationException extends SandboxException {
  private static final long serialVersionUID = 1;

  public SandboxAuthenticationException(String message, Throwable cause) {
    super(message, cause);
  }
}
