package io.sandbeam.service.http;

import java.time.Duration;
import java.util.Optional;

/** The hint of HTTP itself, in whole seconds; a date is no hint, since clocks differ. */
final class RetryAfter {
  private RetryAfter() {}

  static Optional<Duration> of(String header) {
    return header == null || !header.strip().matches("\\d{1,6}")
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(Long.parseLong(header.strip())));
  }
}
