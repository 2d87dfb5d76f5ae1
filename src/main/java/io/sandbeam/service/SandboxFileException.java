package io.sandbeam.service;

import java.util.Objects;

/** A file of a sandbox could not be read or written. */
public final class SandboxFileException extends SandboxException {
  private static final long serialVersionUID = 1;

  private final Reason reason;
  private final String path;

  /** Why. */
  public enum Reason {
    NOT_FOUND,
    IS_DIRECTORY,
    PERMISSION_DENIED,
    /** Above {@link SandboxService#MAX_FILE_BYTES}. */
    TOO_LARGE,
    /** No space left, a broken device, not a regular file, and everything else. */
    IO_FAILED
  }

  public SandboxFileException(Reason reason, String path, String detail) {
    super("File " + Quoted.of(path) + " in the sandbox: " + detail);
    this.reason = Objects.requireNonNull(reason, "reason");
    this.path = path;
  }

  public Reason reason() {
    return reason;
  }

  public String path() {
    return path;
  }
}
