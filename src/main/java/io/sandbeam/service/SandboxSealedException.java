package io.sandbeam.service;

/**
 * The job is over: it was sealed when it was swept, and no sandbox of it is created any more. By
 * this request id none exists, nor will; asking again does not help.
 */
public final class SandboxSealedException extends SandboxException {
  private static final long serialVersionUID = 1;

  public SandboxSealedException(Tag job) {
    super(
        Quoted.of(job.value())
            + " is sealed: the job was swept, and no sandbox is created for it any more. A new run"
            + " needs a job id of its own");
  }

  /** With what the service itself said. */
  public SandboxSealedException(String message, Throwable cause) {
    super(message, cause);
  }
}
