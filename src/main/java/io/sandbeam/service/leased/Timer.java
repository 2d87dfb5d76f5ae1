package io.sandbeam.service.leased;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For lifetimes, limits and grace periods. Its tasks never wait. Thread-safe.
 *
 * @param threads that run the tasks
 */
public record Timer(ScheduledExecutorService threads) {
  private static final Logger LOG = LoggerFactory.getLogger(Timer.class);

  /** Runs a task once, unless it is cancelled before. A closed service runs none. */
  public Future<?> later(Duration delay, Runnable task) {
    return threads.schedule(() -> run(task), nanos(delay), TimeUnit.NANOSECONDS);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RejectedExecutionException e) {
      LOG.debug("The service was closed before a task of the timer", e);
    } catch (RuntimeException e) {
      LOG.error("A task of the timer failed", e);
    }
  }

  private static long nanos(Duration delay) {
    try {
      return Math.max(0, delay.toNanos());
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE / 2;
    }
  }
}
