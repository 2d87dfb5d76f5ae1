package io.sandbeam.service;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** How a command ended and what it wrote. Immutable; binary-safe. */
public final class ExecResult {
  private final List<String> command;
  private final ExecOutcome outcome;
  private final int exitCode;
  private final Output stdout;
  private final Output stderr;
  private final Instant startedAt;
  private final Duration duration;
  private final int leftoverProcesses;

  /**
   * One captured stream.
   *
   * @param bytes what was kept: the first bytes of the stream
   * @param bytesProduced what the command wrote in all
   */
  public record Output(byte[] bytes, long bytesProduced) {
    /** Whether the command wrote more than was kept. */
    public boolean truncated() {
      return bytesProduced > bytes.length;
    }
  }

  public ExecResult(
      List<String> command,
      ExecOutcome outcome,
      int exitCode,
      Output stdout,
      Output stderr,
      Instant startedAt,
      Duration duration,
      int leftoverProcesses) {
    this.command = List.copyOf(command);
    this.outcome = Objects.requireNonNull(outcome, "outcome");
    this.exitCode = exitCode;
    this.stdout = Objects.requireNonNull(stdout, "stdout");
    this.stderr = Objects.requireNonNull(stderr, "stderr");
    this.startedAt = Objects.requireNonNull(startedAt, "startedAt");
    this.duration = Objects.requireNonNull(duration, "duration");
    this.leftoverProcesses = leftoverProcesses;
  }

  public List<String> command() {
    return command;
  }

  public ExecOutcome outcome() {
    return outcome;
  }

  /** The exit code; 128 + n when signal n ended the command. */
  public int exitCode() {
    return exitCode;
  }

  /** Whether it ended by itself with exit code 0. */
  public boolean succeeded() {
    return outcome == ExecOutcome.EXITED && exitCode == 0;
  }

  /** What was kept of standard output; a copy. */
  public byte[] stdout() {
    return stdout.bytes().clone();
  }

  /** What was kept of standard error; a copy. */
  public byte[] stderr() {
    return stderr.bytes().clone();
  }

  /** Standard output as UTF-8 text; malformed bytes show as U+FFFD, so use it for people only. */
  public String stdoutUtf8() {
    return new String(stdout.bytes(), StandardCharsets.UTF_8);
  }

  /** Standard error as UTF-8 text, as {@link #stdoutUtf8()}. */
  public String stderrUtf8() {
    return new String(stderr.bytes(), StandardCharsets.UTF_8);
  }

  public boolean stdoutTruncated() {
    return stdout.truncated();
  }

  public boolean stderrTruncated() {
    return stderr.truncated();
  }

  public long stdoutBytesProduced() {
    return stdout.bytesProduced();
  }

  public long stderrBytesProduced() {
    return stderr.bytesProduced();
  }

  /** By the clock of the service's client. */
  public Instant startedAt() {
    return startedAt;
  }

  public Duration duration() {
    return duration;
  }

  /**
   * Processes the command left alive in the sandbox, 0 when there are none; -1 when the service
   * cannot tell.
   */
  public int leftoverProcesses() {
    return leftoverProcesses;
  }

  /** For logs: how it ended, not what it wrote. */
  @Override
  public String toString() {
    return "ExecResult{"
        + command.get(0)
        + ", "
        + outcome
        + ", exit "
        + exitCode
        + ", "
        + duration.toMillis()
        + " ms}";
  }
}
