package io.sandbeam.service.http.wire;

import java.math.BigDecimal;

/** Quantities of cores, as v1 writes them: {@code 500m}, {@code 2}, {@code 0.5}. */
final class CpuQuantity {
  private CpuQuantity() {}

  /** In thousandths of a core. */
  static int millis(String quantity) {
    if (!quantity.matches("\\d{1,6}(\\.\\d{1,3})?|\\d{1,9}m")) {
      throw new IllegalArgumentException(
          "'" + Scalars.shorten(quantity) + "' is not a quantity of cores such as 500m or 2");
    }
    return quantity.endsWith("m")
        ? Integer.parseInt(quantity.substring(0, quantity.length() - 1))
        : new BigDecimal(quantity).movePointRight(3).intValueExact();
  }
}
