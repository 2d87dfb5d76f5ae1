package io.sandbeam.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people type them: {@code 500ms}, {@code 10s}, {@code 1h30m}, {@code 2d}. */
final class DurationConverter implements ITypeConverter<Duration> {
  private static final Pattern WRITTEN =
      Pattern.compile(
          "(?:(\\d{1,6})d)?(?:(\\d{1,6})h)?(?:(\\d{1,7})m)?(?:(\\d{1,9})s)?(?:(\\d{1,12})ms)?");

  @Override
  public Duration convert(String text) {
    Matcher matcher = WRITTEN.matcher(text.trim());
    if (text.isBlank() || !matcher.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no duration: write 30s, 10m, 1h30m or 2d");
    }
    return Duration.ofDays(number(matcher.group(1)))
        .plusHours(number(matcher.group(2)))
        .plusMinutes(number(matcher.group(3)))
        .plusSeconds(number(matcher.group(4)))
        .plusMillis(number(matcher.group(5)));
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
