package io.sandbeam.service.http.wire;

import io.sandbeam.service.SandboxException;

/** A command met a time limit of the server's own, and was killed by it. */
public final class CommandTimeoutException extends SandboxException {
  private static final long serialVersionUID = 1;

  public CommandTimeoutException(String message) {
    super(message);
  }
}
