package io.sandbeam.service.leased;

import io.sandbeam.service.SandboxSpec;
import java.time.Duration;
import java.util.Optional;

/**
 * Something for process 1 of a sandbox to run. Its input is not copied: nobody may change it.
 *
 * @param code what the shell is told
 * @param input what it reads; of no bytes means that it reads nothing
 * @param timeout when it is killed
 * @param out takes standard output; empty means it is dropped
 * @param err takes standard error, as {@code out}
 * @param kind whose command it is
 */
public record Job(
    CommandCode code,
    byte[] input,
    Duration timeout,
    Optional<OutputSink> out,
    Optional<OutputSink> err,
    Kind kind) {

  /** Whose command it is, which decides when it may start. */
  public enum Kind {
    /** A user's command: while the sandbox runs. */
    COMMAND,
    /** The main process. Its end is the sandbox's end. */
    MAIN,
    /** Our own: also before the sandbox is usable, and while it ends. */
    INTERNAL
  }

  /** The main process: its output goes nowhere, and only the lifetime limits it. */
  public static Job main(SandboxSpec spec, CommandShell shell) {
    return new Job(
        shell.command(spec.workingDir(), spec.env(), spec.command()),
        new byte[0],
        SandboxSpec.LONGEST_LIFETIME,
        Optional.empty(),
        Optional.empty(),
        Kind.MAIN);
  }

  /** One of our own, of which only what it complains about is of interest. */
  public static Job internal(CommandCode code, byte[] input, Duration timeout, KeptOutput errors) {
    return new Job(code, input, timeout, Optional.empty(), Optional.of(errors), Kind.INTERNAL);
  }
}
