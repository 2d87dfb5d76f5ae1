package io.sandbeam.server;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How many requests per second one caller may make: a bucket of tokens for each, full at first,
 * refilled steadily. There are as many buckets as names in the token file. Thread-safe.
 */
final class RateLimit {
  private static final double NANOS = 1e9;

  private final double perSecond;
  private final double burst;
  private final LongSupplier nanoTime;
  private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

  private static final class Bucket {
    double left;
    long at;
  }

  /**
   * @param perSecond the steady rate
   * @param burst how many may come at once after a rest
   * @param nanoTime as {@link System#nanoTime}
   */
  RateLimit(double perSecond, int burst, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.nanoTime = nanoTime;
  }

  /** Takes one token; or, when there is none, tells how long to wait for it. */
  Optional<Duration> take(Caller caller) {
    Bucket bucket =
        buckets.computeIfAbsent(
            caller.name(),
            name -> {
              Bucket full = new Bucket();
              full.left = burst;
              full.at = nanoTime.getAsLong();
              return full;
            });
    synchronized (bucket) {
      long now = nanoTime.getAsLong();
      bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / NANOS * perSecond);
      bucket.at = now;
      if (bucket.left >= 1) {
        bucket.left -= 1;
        return Optional.empty();
      }
      return Optional.of(Duration.ofNanos((long) Math.ceil((1 - bucket.left) / perSecond * NANOS)));
    }
  }
}
