package io.sandbeam.service;

/** This request id was already used for something else. */
public final class SandboxAlreadyExistsException extends SandboxException {
  private static final long serialVersionUID = 1;

  public SandboxAlreadyExistsException(RequestId requestId) {
    super(
        "Request id "
            + Quoted.of(requestId.value())
            + " was already used with another spec: mint a new one");
  }

  /** With what the service itself said. */
  public SandboxAlreadyExistsException(String message, Throwable cause) {
    super(message, cause);
  }
}
