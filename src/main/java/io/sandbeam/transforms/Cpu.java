package io.sandbeam.transforms;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Shares of processors as Kubernetes writes them: {@code 0.5}, {@code 2}, {@code 500m}. */
final class Cpu {
  private static final Pattern CORES = Pattern.compile("\\d{1,5}(\\.\\d{1,3})?");
  private static final Pattern MILLIS = Pattern.compile("(\\d{1,8})m");

  private Cpu() {}

  /** Thousandths of a core. */
  static int parseMillis(String text) {
    String written = text == null ? "" : text.strip();
    int millis = 0;
    if (MILLIS.matcher(written).matches()) {
      millis = Integer.parseInt(written.substring(0, written.length() - 1));
    } else if (CORES.matcher(written).matches()) {
      millis = new BigDecimal(written).movePointRight(3).intValueExact();
    }
    if (millis <= 0) {
      throw new IllegalArgumentException(
          "Invalid cpu "
              + (text == null ? "null" : "'" + text + "'")
              + ": write cores (0.5, 2) or thousandths of one (500m), above zero");
    }
    return millis;
  }
}
