package io.sandbeam.service;

import java.time.Duration;
import java.util.List;

/** The rules that several requests share. Each refusal carries the value and the rule. */
final class Checks {
  private Checks() {}

  static String notBlank(String field, String value) {
    if (value == null || value.isBlank()) {
      throw new SandboxValidationException(
          field, "Invalid " + field + " " + Quoted.of(value) + ": it is blank");
    }
    return text(field, value);
  }

  /** The kernel ends a string at NUL: an argument, a path or a variable cannot hold one. */
  static String text(String field, String value) {
    if (value == null || value.indexOf('\0') >= 0) {
      throw new SandboxValidationException(
          field,
          "Invalid " + field + " " + Quoted.of(value) + ": it is null or holds a NUL character");
    }
    return value;
  }

  /** As {@link #text}, for what may be secret: the message does not show it. */
  static String secret(String field, String value) {
    if (value == null || value.indexOf('\0') >= 0) {
      throw new SandboxValidationException(
          field, "Invalid " + field + ": it is null or holds a NUL character");
    }
    return value;
  }

  static List<String> argv(String field, List<String> argv) {
    for (int i = 0; i < argv.size(); i++) {
      secret(field + "[" + i + "]", argv.get(i));
    }
    if (!argv.isEmpty() && argv.get(0).isEmpty()) {
      throw new SandboxValidationException(
          field, "Invalid " + field + ": the program's name is empty");
    }
    return List.copyOf(argv);
  }

  static String envName(String field, String name) {
    if (name == null || !name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw new SandboxValidationException(
          field,
          "Invalid variable name "
              + Quoted.of(name)
              + ": it has letters, digits and _, and no digit first");
    }
    return name;
  }

  static String absolutePath(String field, String path) {
    text(field, path);
    if (!path.startsWith("/") || path.equals("/")) {
      throw new SandboxValidationException(
          field,
          "Invalid path " + Quoted.of(path) + ": it must be absolute and name a file or folder");
    }
    return path;
  }

  static Duration positive(String field, Duration duration) {
    if (duration == null || duration.isZero() || duration.isNegative()) {
      throw new SandboxValidationException(
          field, "Invalid " + field + " " + duration + ": it must be above zero");
    }
    return duration;
  }

  static int atLeast(String field, int least, int value) {
    if (value < least) {
      throw new SandboxValidationException(
          field, "Invalid " + field + " " + value + ": it must be at least " + least);
    }
    return value;
  }
}
