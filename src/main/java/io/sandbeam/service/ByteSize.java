package io.sandbeam.service;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A size in bytes, written as Kubernetes writes it: {@code 512}, {@code 64Ki}, {@code 256Mi},
 * {@code 1.5Gi}, or decimal {@code 500M}.
 */
public record ByteSize(long bytes) implements Serializable, Comparable<ByteSize> {
  private static final Pattern WRITTEN =
      Pattern.compile("(\\d{1,19}(?:\\.\\d{1,6})?)\\s*([kKMGT]?)(i?)B?");

  private static final BigDecimal LARGEST_WRITTEN = BigDecimal.valueOf(1L << 60);

  public ByteSize {
    if (bytes < 0) {
      throw new SandboxValidationException("size", "Invalid size " + bytes + ": it is negative");
    }
  }

  public static ByteSize ofBytes(long bytes) {
    return new ByteSize(bytes);
  }

  public static ByteSize ofKibibytes(long kibibytes) {
    return new ByteSize(Math.multiplyExact(kibibytes, 1L << 10));
  }

  public static ByteSize ofMebibytes(long mebibytes) {
    return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
  }

  public static ByteSize ofGibibytes(long gibibytes) {
    return new ByteSize(Math.multiplyExact(gibibytes, 1L << 30));
  }

  /** Reads {@code 256Mi} and the like. */
  public static ByteSize parse(String text) {
    Matcher matcher = WRITTEN.matcher(text == null ? "" : text.trim());
    if (!matcher.matches() || (matcher.group(2).isEmpty() && !matcher.group(3).isEmpty())) {
      throw new SandboxValidationException(
          "size",
          "Invalid size "
              + Quoted.of(text)
              + ": write bytes, or a number with Ki, Mi, Gi or Ti (256Mi)");
    }
    int power =
        " KMGT"
            .indexOf(matcher.group(2).isEmpty() ? " " : matcher.group(2).toUpperCase(Locale.ROOT));
    BigDecimal unit = BigDecimal.valueOf(matcher.group(3).isEmpty() ? 1000 : 1024).pow(power);
    BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(unit);
    if (bytes.compareTo(LARGEST_WRITTEN) > 0) {
      throw new SandboxValidationException(
          "size", "Invalid size " + Quoted.of(text) + ": it is above 1024 Pi");
    }
    return new ByteSize(bytes.longValue());
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** The shortest exact form that {@link #parse} reads back to the same size. */
  @Override
  public String toString() {
    String[] units = {"", "Ki", "Mi", "Gi", "Ti"};
    int unit = 0;
    long value = bytes;
    while (value != 0 && value % 1024 == 0 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return value + units[unit];
  }
}
