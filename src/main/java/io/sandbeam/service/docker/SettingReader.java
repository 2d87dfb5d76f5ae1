package io.sandbeam.service.docker;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/** Reads settings by name; each refusal names the setting, its value and the rule. */
final class SettingReader {
  private final Map<String, String> given;

  SettingReader(Map<String, String> given, SortedSet<String> known) {
    this.given = given;
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        throw new SandboxValidationException(
            name, "Unknown setting '" + name + "' of the docker service: it has " + known);
      }
    }
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(given.get(name)).map(String::trim).filter(text -> !text.isEmpty());
  }

  String text(String name, String otherwise) {
    return text(name).orElse(otherwise);
  }

  ByteSize size(String name, ByteSize otherwise) {
    return text(name).map(ByteSize::parse).orElse(otherwise);
  }

  int number(String name, int otherwise) {
    String text = text(name, Integer.toString(otherwise));
    if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) == 0) {
      throw invalid(name, text, "it must be a whole number above 0");
    }
    return Integer.parseInt(text);
  }

  /** Written {@code 500ms}, {@code 30s}, {@code 10m}, or as ISO-8601. */
  Duration duration(String name, Duration otherwise) {
    String text = text(name).orElse(null);
    if (text == null) {
      return otherwise;
    }
    try {
      Duration value =
          text.endsWith("ms")
              ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
              : Duration.parse(text.startsWith("P") ? text : "PT" + text);
      if (!value.isNegative()) {
        return value;
      }
    } catch (DateTimeParseException | NumberFormatException e) {
      throw invalid(name, text, "write it as 500ms, 30s or 10m");
    }
    throw invalid(name, text, "it must not be negative");
  }

  <E extends Enum<E>> E choice(String name, E otherwise) {
    String text = text(name).orElse(null);
    if (text == null) {
      return otherwise;
    }
    E[] all = otherwise.getDeclaringClass().getEnumConstants();
    return Arrays.stream(all)
        .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                invalid(
                    name, text, "it is one of " + Arrays.toString(all).toLowerCase(Locale.ROOT)));
  }

  static SandboxValidationException invalid(String name, String text, String rule) {
    return new SandboxValidationException(
        name, "Invalid setting " + name + " '" + text + "' of the docker service: " + rule);
  }
}
