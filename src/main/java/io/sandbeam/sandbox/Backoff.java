package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import java.time.Duration;
import java.util.Optional;

/** One streak of failures of one call: when to try again, and when to give up. Not thread-safe. */
final class Backoff {
  private final RetryPolicy policy;
  private final Timing timing;
  private Duration firstFailure;
  private int failures;

  Backoff(RetryPolicy policy, Timing timing) {
    this.policy = policy;
    this.timing = timing;
  }

  /** How long to wait before the next try; empty when this failure is final. */
  Optional<Duration> after(SandboxException failure) {
    Duration now = timing.elapsed();
    if (failures++ == 0) {
      firstFailure = now;
    }
    Duration left = policy.budget().minus(now.minus(firstFailure));
    if (!failure.retryable() || left.isNegative() || left.isZero()) {
      return Optional.empty();
    }
    Duration wait =
        failure.retryAfter().map(this::granted).orElseGet(() -> jittered(exponential()));
    return Optional.of(shorter(wait, left));
  }

  int failures() {
    return failures;
  }

  /** Since the first failure of the streak. */
  Duration spent() {
    return failures == 0 ? Duration.ZERO : timing.elapsed().minus(firstFailure);
  }

  private Duration exponential() {
    double nanos = (double) policy.firstDelay().toNanos() * Math.pow(policy.factor(), failures - 1);
    double most = (double) policy.longestDelay().toNanos();
    return Duration.ofNanos((long) Math.min(nanos, most));
  }

  /** Between half and all of it: workers that failed together do not come back together. */
  private Duration jittered(Duration delay) {
    return scaled(delay, 0.5 + 0.5 * timing.random().nextDouble());
  }

  /** Never earlier than the service asked, up to our cap, and up to a tenth later. */
  private Duration granted(Duration hint) {
    Duration wait = shorter(hint.isNegative() ? Duration.ZERO : hint, policy.longestHint());
    return scaled(wait, 1 + 0.1 * timing.random().nextDouble());
  }

  private static Duration scaled(Duration delay, double factor) {
    return Duration.ofNanos((long) ((double) delay.toNanos() * factor));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
