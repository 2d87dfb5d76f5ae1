package io.sandbeam.transforms;

import com.google.auto.value.AutoValue;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.beam.sdk.schemas.AutoValueSchema;
import org.apache.beam.sdk.schemas.annotations.DefaultSchema;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldDescription;
import org.apache.beam.sdk.schemas.annotations.SchemaFieldNumber;
import org.checkerframework.checker.nullness.qual.Nullable;

/**
 * A command to run: an argument vector that no shell reads, and what it needs. Immutable.
 *
 * <pre>{@code
 * Command.of("python3", "-c", code).withId("submission-7").withTimeout(Duration.ofSeconds(10))
 * }</pre>
 *
 * <p>As a row it has the fields {@code id}, {@code command}, {@code stdin}, {@code env}, {@code
 * files} and {@code timeout}. Arrays are copied on the way in; do not change one that a getter
 * returned.
 */
@AutoValue
@DefaultSchema(AutoValueSchema.class)
public abstract class Command {

  /** What the user calls it, or null; comes back in the result. */
  @SchemaFieldNumber("0")
  @SchemaFieldDescription("What you call this command; comes back in its result.")
  public abstract @Nullable String getId();

  @SchemaFieldNumber("1")
  @SchemaFieldDescription("The program and its arguments; no shell reads them.")
  public abstract List<String> getCommand();

  @SchemaFieldNumber("2")
  @SchemaFieldDescription("What the command reads from its standard input.")
  @SuppressWarnings("mutable") // documented: not to be changed
  public abstract byte[] getStdin();

  /** Variables added to those of the step. */
  @SchemaFieldNumber("3")
  @SchemaFieldDescription("Variables of the command, by name.")
  public abstract Map<String, String> getEnv();

  /** Files that are there before the command starts: path to content. */
  @SchemaFieldNumber("4")
  @SchemaFieldDescription(
      "Files there before the command starts: path, under /workspace unless absolute, to content.")
  public abstract Map<String, byte[]> getFiles();

  /** The time limit as text ({@code 1m30s}), or null for the step's. */
  @SchemaFieldNumber("5")
  @SchemaFieldDescription(
      "The time limit, such as 10s or 1m30s; the step's own when there is none.")
  public abstract @Nullable String getTimeout();

  /** A command with nothing but its words. */
  public static Command of(String... command) {
    return of(Arrays.asList(command));
  }

  /**
   * A command with nothing but its words.
   *
   * @throws IllegalArgumentException when there is no word, or the program's name is empty
   */
  public static Command of(List<String> command) {
    if (command.isEmpty() || command.get(0).isEmpty()) {
      throw new IllegalArgumentException("Invalid command " + command + ": it has no program");
    }
    return new AutoValue_Command.Builder()
        .setCommand(List.copyOf(command))
        .setStdin(new byte[0])
        .setEnv(Map.of())
        .setFiles(Map.of())
        .build();
  }

  public Command withId(String id) {
    return toBuilder().setId(id).build();
  }

  public Command withStdin(byte[] stdin) {
    return toBuilder().setStdin(stdin.clone()).build();
  }

  /** With these variables and no others. */
  public Command withEnv(Map<String, String> env) {
    return toBuilder().setEnv(Collections.unmodifiableMap(new TreeMap<>(env))).build();
  }

  /** With one more file; a relative path is under {@code /workspace}. */
  public Command withFile(String path, byte[] content) {
    Map<String, byte[]> files = new TreeMap<>(getFiles());
    files.put(path, content.clone());
    return toBuilder().setFiles(Collections.unmodifiableMap(files)).build();
  }

  public Command withTimeout(Duration timeout) {
    return toBuilder().setTimeout(Durations.format(timeout)).build();
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Command that
        && Objects.equals(getId(), that.getId())
        && getCommand().equals(that.getCommand())
        && Arrays.equals(getStdin(), that.getStdin())
        && getEnv().equals(that.getEnv())
        && sameFiles(getFiles(), that.getFiles())
        && Objects.equals(getTimeout(), that.getTimeout());
  }

  @Override
  public final int hashCode() {
    return Objects.hash(getId(), getCommand(), Arrays.hashCode(getStdin()), getFiles().keySet());
  }

  /** For logs: the program's name only; arguments, input and variables may be secret. */
  @Override
  public final String toString() {
    return "Command{id="
        + getId()
        + ", "
        + getCommand().get(0)
        + ", "
        + getCommand().size()
        + " words}";
  }

  abstract Builder toBuilder();

  private static boolean sameFiles(Map<String, byte[]> one, Map<String, byte[]> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(e -> Arrays.equals(e.getValue(), other.get(e.getKey())));
  }

  @AutoValue.Builder
  abstract static class Builder {
    abstract Builder setId(@Nullable String id);

    abstract Builder setCommand(List<String> command);

    @SuppressWarnings("mutable")
    abstract Builder setStdin(byte[] stdin);

    abstract Builder setEnv(Map<String, String> env);

    abstract Builder setFiles(Map<String, byte[]> files);

    abstract Builder setTimeout(@Nullable String timeout);

    abstract Command build();
  }
}
