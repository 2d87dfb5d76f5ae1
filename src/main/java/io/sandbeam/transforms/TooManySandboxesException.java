package io.sandbeam.transforms;

import io.sandbeam.service.SandboxException;

/** The {@link CreationBreaker} or the {@link StepBreaker} lets no sandbox be created. */
final class TooManySandboxesException extends SandboxException {
  private static final long serialVersionUID = 1;

  TooManySandboxesException(String message) {
    super(message);
  }
}
