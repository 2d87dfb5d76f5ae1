package io.sandbeam.transforms;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as pipelines write them: {@code 500ms}, {@code 10s}, {@code 1m30s}, {@code 2h}, {@code
 * 1d}.
 */
final class Durations {
  private static final Pattern WRITTEN =
      Pattern.compile(
          "(?:(\\d{1,6})d)?(?:(\\d{1,6})h)?(?:(\\d{1,7})m)?(?:(\\d{1,9})s)?(?:(\\d{1,12})ms)?");

  private Durations() {}

  /**
   * Reads a duration above zero.
   *
   * @throws IllegalArgumentException with the value, the rule and an example
   */
  static Duration parse(String name, String text) {
    String written = text == null ? "" : text.replace(" ", "");
    Matcher matcher = WRITTEN.matcher(written);
    if (written.isEmpty() || !matcher.matches()) {
      throw invalid(name, text, "write it as 500ms, 10s, 1m30s or 2h");
    }
    Duration duration =
        Duration.ofDays(number(matcher, 1))
            .plusHours(number(matcher, 2))
            .plusMinutes(number(matcher, 3))
            .plusSeconds(number(matcher, 4))
            .plusMillis(number(matcher, 5));
    if (duration.isZero()) {
      throw invalid(name, text, "it must be above zero");
    }
    return duration;
  }

  /** The form that {@link #parse} reads back; below a millisecond nothing is kept. */
  static String format(Duration duration) {
    StringBuilder text = new StringBuilder();
    append(text, duration.toDays(), "d");
    append(text, duration.toHoursPart(), "h");
    append(text, duration.toMinutesPart(), "m");
    append(text, duration.toSecondsPart(), "s");
    append(text, duration.toMillisPart(), "ms");
    return text.isEmpty() ? "0ms" : text.toString();
  }

  private static void append(StringBuilder text, long value, String unit) {
    if (value != 0) {
      text.append(value).append(unit);
    }
  }

  private static long number(Matcher matcher, int group) {
    return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
  }

  private static IllegalArgumentException invalid(String name, String text, String rule) {
    return new IllegalArgumentException(
        "Invalid " + name + " " + (text == null ? "null" : "'" + text + "'") + ": " + rule);
  }
}
