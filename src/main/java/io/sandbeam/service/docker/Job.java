package io.sandbeam.service.docker;

import java.time.Duration;
import java.util.Optional;

/**
 * Something for process 1 to run.
 *
 * @param code what the shell is told
 * @param input what it reads
 * @param timeout when it is killed
 * @param out takes standard output; empty means it is dropped
 * @param err takes standard error, as {@code out}
 * @param kind whose command it is
 */
record Job(
    CommandCode code,
    byte[] input,
    Duration timeout,
    Optional<OutputSink> out,
    Optional<OutputSink> err,
    Kind kind) {

  /** Whose command it is, which decides when it may start. */
  enum Kind {
    /** A user's command: while the sandbox runs. */
    COMMAND,
    /** The main process. Its end is the sandbox's end. */
    MAIN,
    /** Our own: also before the sandbox is usable, and while it ends. */
    INTERNAL
  }
}
