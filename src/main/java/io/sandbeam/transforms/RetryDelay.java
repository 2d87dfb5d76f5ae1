package io.sandbeam.transforms;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling, with jitter, or what the service asks for.
 */
final class RetryDelay {
  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private RetryDelay() {}

  /**
   * @param attempt the attempt that failed, from 1
   * @param hint the service's own; more than {@link #LONGEST} is not waited for
   */
  static Duration after(int attempt, Optional<Duration> hint, RandomGenerator random) {
    long step = Math.min(LONGEST.toMillis(), FIRST.toMillis() << Math.min(attempt - 1, 20));
    // Half of it is by chance, so that commands that failed together do not come back together.
    long millis = step / 2 + random.nextLong(step / 2 + 1);
    long asked = hint.map(Duration::toMillis).orElse(0L);
    return Duration.ofMillis(Math.min(LONGEST.toMillis(), Math.max(millis, asked)));
  }
}
