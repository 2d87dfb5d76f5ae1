package io.sandbeam.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Two seconds pass between any two looks at it, so a watched file is read anew by each call. */
final class HastyClock extends Clock {
  private Instant now = Instant.EPOCH;

  @Override
  public Instant instant() {
    now = now.plus(Duration.ofSeconds(2));
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
