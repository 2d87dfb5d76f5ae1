package io.sandbeam.service.local;

import java.time.Duration;
import java.util.Optional;

/**
 * Something for the watchdog to run.
 *
 * @param script writes the shell commands
 * @param input what it reads
 * @param timeout when it is killed
 * @param out takes standard output; empty means it goes nowhere
 * @param err takes standard error, as {@code out}
 * @param kind whose command it is
 */
record Job(
    Script script,
    Input input,
    Duration timeout,
    Optional<OutputSink> out,
    Optional<OutputSink> err,
    Kind kind) {

  /** Writes the shell commands for the streams it is given. */
  interface Script {
    byte[] write(long sequence, ExecScript.Streams streams);
  }

  /** Whose command it is, which decides when it may start. */
  enum Kind {
    /** A user's command: while the sandbox runs. */
    COMMAND,
    /** The main process. Its end is the sandbox's end. */
    MAIN,
    /** Our own: also before the sandbox is usable, and while it ends. */
    INTERNAL
  }

  /** What it reads. */
  sealed interface Input {
    record Nothing() implements Input {}

    record Bytes(byte[] bytes) implements Input {}

    /** A file that is in the sandbox already. */
    record Inside(String path) implements Input {}
  }

  static Input input(byte[] bytes) {
    return bytes.length == 0 ? new Input.Nothing() : new Input.Bytes(bytes);
  }
}
