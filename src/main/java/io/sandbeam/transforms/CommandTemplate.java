package io.sandbeam.transforms;

import com.google.auto.value.AutoValue;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.checkerframework.checker.nullness.qual.Nullable;

/**
 * What users write once for all elements: the command and what belongs to it, with {@code
 * {field}}s. Without a command, each element is a command itself, and the rest holds where the
 * element has no word of its own.
 */
@AutoValue
abstract class CommandTemplate implements Serializable {
  private static final long serialVersionUID = 1;

  /** Null when elements are commands themselves. */
  abstract @Nullable List<String> command();

  /** What each command is called; null for the element's own {@code id}. */
  abstract @Nullable String id();

  abstract @Nullable String stdin();

  abstract Map<String, String> env();

  /** Path in the sandbox to content. */
  abstract Map<String, String> files();

  /** Path in the sandbox to where its content is copied after the command. */
  abstract Map<String, String> outputs();

  abstract Interpolate interpolate();

  static CommandTemplate none() {
    return new AutoValue_CommandTemplate.Builder()
        .env(Map.of())
        .files(Map.of())
        .outputs(Map.of())
        .interpolate(Interpolate.YES)
        .build();
  }

  static CommandTemplate of(List<String> command) {
    if (command.isEmpty() || command.get(0).isBlank()) {
      throw new IllegalArgumentException(
          "Invalid command "
              + command
              + ": it has no program; write a list such as [python3, -c, \"print(1)\"]");
    }
    return none().toBuilder().command(List.copyOf(command)).build();
  }

  abstract Builder toBuilder();

  @AutoValue.Builder
  abstract static class Builder {
    abstract Builder command(@Nullable List<String> command);

    abstract Builder id(@Nullable String id);

    abstract Builder stdin(@Nullable String stdin);

    abstract Builder env(Map<String, String> env);

    abstract Builder files(Map<String, String> files);

    abstract Builder outputs(Map<String, String> outputs);

    abstract Builder interpolate(Interpolate interpolate);

    abstract CommandTemplate build();
  }
}
