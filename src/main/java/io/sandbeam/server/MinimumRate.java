package io.sandbeam.server;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Cuts off a client that sends its request or takes its answer too slowly, so that a few of them
 * cannot hold all threads. After a grace period the average must be at least a rate.
 */
final class MinimumRate {
  private final Duration grace;
  private final long bytesPerSecond;
  private final LongSupplier nanoTime;

  /** A transfer that was too slow. */
  static final class TooSlowException extends IOException {
    private static final long serialVersionUID = 1;

    TooSlowException(long bytes, Duration time, long bytesPerSecond) {
      super(
          bytes
              + " bytes in "
              + time.toMillis()
              + " ms: slower than "
              + bytesPerSecond
              + " bytes per second");
    }
  }

  /** One transfer. Not thread-safe. */
  interface Transfer {
    /**
     * Refuses to go on when the transfer is too slow.
     *
     * @param bytes moved so far
     */
    void check(long bytes) throws TooSlowException;
  }

  MinimumRate(Duration grace, long bytesPerSecond, LongSupplier nanoTime) {
    this.grace = grace;
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
  }

  Transfer start() {
    long started = nanoTime.getAsLong();
    return bytes -> {
      Duration time = Duration.ofNanos(nanoTime.getAsLong() - started);
      Duration allowed = grace.plusMillis(bytes * 1000 / bytesPerSecond);
      if (time.compareTo(allowed) > 0) {
        throw new TooSlowException(bytes, time, bytesPerSecond);
      }
    };
  }
}
