package io.sandbeam.sandbox;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * All the time and all the chance that the SDK uses: clocks, delays, jitter, request ids.
 *
 * <p>{@link #system()} is the real one. Another one lets tests run on virtual time, the same way
 * for the same seed. Implementations are safe for use by any number of threads.
 */
public interface Timing {

  /** Something scheduled that has not run yet. */
  interface Timer {
    /** Forgets it; without effect when it has run. */
    void cancel();
  }

  /** The time of day, to be compared with times that a service gives. May jump. */
  Instant now();

  /** The time since some fixed moment, for limits and budgets. Never goes back. */
  Duration elapsed();

  /** Runs a short task after a delay, never within this call. */
  Timer schedule(Duration delay, Runnable task);

  /** Chance. What {@link #system()} gives is fit for ids that must be unique across machines. */
  RandomGenerator random();

  /**
   * The machine's clocks, and one daemon thread named {@code sandbeam-timer} that ends when idle.
   */
  static Timing system() {
    return SystemTiming.INSTANCE;
  }
}
