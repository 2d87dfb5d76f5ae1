package io.sandbeam.cli;

/** What the launcher's exit status says. */
final class ExitCode {
  /** All is well; for {@code run}: all commands succeeded and nothing leaked. */
  static final int OK = 0;

  /** For {@code run}: some commands did not succeed. Elsewhere: not all that was asked for. */
  static final int NOT_ALL = 1;

  /** Bad usage, or a bad pipeline file. */
  static final int USAGE = 2;

  /** The pipeline, or the service, failed. */
  static final int FAILED = 3;

  /** Sandboxes are left, or nobody can tell that none is. */
  static final int LEFT = 4;

  /** For {@code exec}, as timeout(1): the command was killed at its time limit. */
  static final int EXEC_TIMED_OUT = 124;

  /** For {@code exec}, as docker run: the command could not be run. */
  static final int EXEC_NOT_RUN = 125;

  /** As after SIGPIPE: the reader of the results has gone. */
  static final int BROKEN_PIPE = 141;

  private ExitCode() {}
}
