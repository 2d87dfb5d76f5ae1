package io.sandbeam.transforms;

import com.google.auto.value.AutoValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.schemas.AutoValueSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldName;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldNumber;
import org.checkerframework.checker.nullness.qual.Nullable;
import org.joda.time.Instant;

/**
 * What a command that ran came to. Immutable; do not change an array that a getter returned.
 *
 * <p>Output is the exact bytes the command wrote, cut at the step's limit; what was cut is flagged,
 * and the bytes produced are counted. As a row its fields have snake_case names ({@code
 * exit_code}), and {@code element} is the whole input row.
 */
@AutoValue
@DefaultSchema(AutoValueSchema.class)
public abstract class CommandResult {

  @SchemaFieldNumber("0")
  @SchemaFieldDescription("The input's id.")
  public abstract @Nullable String getId();

  @SchemaFieldNumber("1")
  @SchemaFieldDescription("The program and its arguments, as they ran.")
  public abstract List<String> getCommand();

  @SchemaFieldNumber("2")
  @SchemaFieldName("status")
  @SchemaFieldDescription("SUCCEEDED, FAILED, TIMED_OUT or OUT_OF_MEMORY.")
  abstract String getStatusName();

  @SchemaFieldNumber("3")
  @SchemaFieldName("exit_code")
  @SchemaFieldDescription("The exit code; 128 + n when signal n ended the command.")
  public abstract int getExitCode();

  @SchemaFieldNumber("4")
  @SchemaFieldDescription("What was kept of standard output: its first bytes.")
  @SuppressWarnings("mutable") // documented: not to be changed
  public abstract byte[] getStdout();

  @SchemaFieldNumber("5")
  @SchemaFieldDescription("What was kept of standard error: its first bytes.")
  @SuppressWarnings("mutable") // documented: not to be changed
  public abstract byte[] getStderr();

  @SchemaFieldNumber("6")
  @SchemaFieldName("stdout_truncated")
  @SchemaFieldDescription("Whether the command wrote more standard output than was kept.")
  public abstract boolean getStdoutTruncated();

  @SchemaFieldNumber("7")
  @SchemaFieldName("stderr_truncated")
  @SchemaFieldDescription("Whether the command wrote more standard error than was kept.")
  public abstract boolean getStderrTruncated();

  @SchemaFieldNumber("8")
  @SchemaFieldName("stdout_bytes")
  @SchemaFieldDescription("The bytes of standard output the command wrote.")
  public abstract long getStdoutBytes();

  @SchemaFieldNumber("9")
  @SchemaFieldName("stderr_bytes")
  @SchemaFieldDescription("The bytes of standard error the command wrote.")
  public abstract long getStderrBytes();

  @SchemaFieldNumber("10")
  @SchemaFieldName("started_at")
  @SchemaFieldDescription("When the command started, by the clock of the service's client.")
  public abstract Instant getStartedAt();

  @SchemaFieldNumber("11")
  @SchemaFieldName("duration_ms")
  @SchemaFieldDescription("How long it ran, in milliseconds.")
  public abstract long getDurationMs();

  @SchemaFieldNumber("12")
  @SchemaFieldName("sandbox_id")
  @SchemaFieldDescription("The sandbox it ran in.")
  public abstract String getSandboxId();

  @SchemaFieldNumber("13")
  @SchemaFieldDescription("The worker that ran it.")
  public abstract String getWorker();

  @SchemaFieldNumber("14")
  @SchemaFieldDescription("1, or more when the infrastructure failed before.")
  public abstract int getAttempts();

  @SchemaFieldNumber("15")
  @SchemaFieldDescription(
      "Files that were copied out: path in the sandbox to where each was written.")
  public abstract Map<String, String> getOutputs();

  @SchemaFieldNumber("16")
  @SchemaFieldName("missing_outputs")
  @SchemaFieldDescription("Files that were asked for and not copied: the path and why.")
  public abstract List<String> getMissingOutputs();

  @SchemaFieldNumber("17")
  @SchemaFieldDescription("The whole input.")
  public abstract Command getElement();

  public CommandStatus status() {
    return CommandStatus.valueOf(getStatusName());
  }

  /** Standard output as UTF-8; malformed bytes show as U+FFFD, so it is for people only. */
  public String stdoutUtf8() {
    return new String(getStdout(), StandardCharsets.UTF_8);
  }

  /** Standard error as {@link #stdoutUtf8()}. */
  public String stderrUtf8() {
    return new String(getStderr(), StandardCharsets.UTF_8);
  }

  /** For logs: how it ended, not what it wrote. */
  @Override
  public final String toString() {
    return "CommandResult{id="
        + getId()
        + ", "
        + getCommand().get(0)
        + ", "
        + getStatusName()
        + ", exit "
        + getExitCode()
        + ", "
        + getDurationMs()
        + " ms, attempts "
        + getAttempts()
        + "}";
  }

  @AutoValue.Builder
  abstract static class Builder {
    abstract Builder setId(@Nullable String id);

    abstract Builder setCommand(List<String> command);

    abstract Builder setStatusName(String name);

    abstract Builder setExitCode(int code);

    @SuppressWarnings("mutable")
    abstract Builder setStdout(byte[] bytes);

    @SuppressWarnings("mutable")
    abstract Builder setStderr(byte[] bytes);

    abstract Builder setStdoutTruncated(boolean truncated);

    abstract Builder setStderrTruncated(boolean truncated);

    abstract Builder setStdoutBytes(long produced);

    abstract Builder setStderrBytes(long produced);

    abstract Builder setStartedAt(Instant instant);

    abstract Builder setDurationMs(long millis);

    abstract Builder setSandboxId(String id);

    abstract Builder setWorker(String worker);

    abstract Builder setAttempts(int attempts);

    abstract Builder setOutputs(Map<String, String> outputs);

    abstract Builder setMissingOutputs(List<String> missing);

    abstract Builder setElement(Command element);

    abstract CommandResult build();
  }
}
