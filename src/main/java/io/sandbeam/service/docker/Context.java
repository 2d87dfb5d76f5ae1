package io.sandbeam.service.docker;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sandboxes of one service share.
 *
 * @param seals of jobs that are over
 * @param timer for limits; its tasks never wait
 * @param workers for everything that waits, and for completing futures
 */
record Context(
    DockerSettings settings,
    Engine engine,
    EngineFacts facts,
    Seals seals,
    ScheduledExecutorService timer,
    Executor workers) {
  private static final Logger LOG = LoggerFactory.getLogger(Context.class);

  /** Runs a task on the timer, once. A closed service runs none. */
  ScheduledFuture<?> timer(Duration delay, Runnable task) {
    return timer.schedule(
        () -> {
          try {
            task.run();
          } catch (RejectedExecutionException e) {
            LOG.debug("The service was closed before a task of the timer", e);
          } catch (RuntimeException e) {
            LOG.error("A task of the timer failed", e);
          }
        },
        nanos(delay),
        TimeUnit.NANOSECONDS);
  }

  private static long nanos(Duration delay) {
    try {
      return Math.max(0, delay.toNanos());
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE / 2;
    }
  }
}
