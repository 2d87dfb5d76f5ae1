package io.sandbeam.service.http;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts the time that calls were held back because of quotas and rates. */
final class Throttle {
  private final LongAdder nanos = new LongAdder();

  void heldBack(Duration time) {
    nanos.add(time.toNanos());
  }

  /** In all, over all calls; grows only. */
  Duration total() {
    return Duration.ofNanos(nanos.sum());
  }
}
