package io.sandbeam.sandbox;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Real time. One timer thread for the whole JVM, whatever the number of sandboxes. */
final class SystemTiming implements Timing {
  private static final Logger LOG = LoggerFactory.getLogger(SystemTiming.class);

  /** An idle thread would pin the class loader of a worker that is done with us. */
  private static final Duration IDLE = Duration.ofSeconds(5);

  static final SystemTiming INSTANCE = new SystemTiming();

  private final long origin = System.nanoTime();
  private final SecureRandom random = new SecureRandom();
  private final ScheduledThreadPoolExecutor executor;

  private SystemTiming() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "sandbeam-timer");
              thread.setDaemon(true);
              thread.setContextClassLoader(SystemTiming.class.getClassLoader());
              return thread;
            });
    // Limits of calls that were answered in time must not pile up until they would have expired.
    executor.setRemoveOnCancelPolicy(true);
    // Safe here: the last thread of a pool stays as long as anything is queued.
    executor.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - origin);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Future<?> scheduled =
        executor.schedule(() -> runLogged(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  private static void runLogged(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("A scheduled task failed: this is a bug in Sandbeam", e);
      throw e;
    }
  }
}
